package phaistos.harness.guarantees;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import phaistos.checker.pages.JsonTexts;
import phaistos.harness.guarantees.Measured.Database;

/**
 * The measurements as JSON. {@code databases}: each with {@code name}, {@code cluster}, {@code
 * needs} (a level for each setting of standbys: the weakest that survived, the strongest with which
 * commits went on, null if none does, "not run") and {@code cells}: level, standbys, fault, {@code
 * promised}, {@code measured}, {@code tries}, the sums over the tries, {@code why} if it was not
 * run, and the {@code witness} of what was lost.
 */
public final class GuaranteesJson {
  private GuaranteesJson() {}

  public static String of(Measured measured) {
    return JsonTexts.indented(json -> write(measured, json));
  }

  private static void write(Measured measured, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("databases");
    for (Database database : measured.databases()) {
      json.writeStartObject();
      json.writeStringField("name", database.name());
      json.writeStringField("cluster", database.cluster());
      needs(measured, database, json);
      json.writeArrayFieldStart("cells");
      for (Cell cell : measured.cells(database)) {
        write(cell, json);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void needs(Measured measured, Database database, JsonGenerator json)
      throws IOException {
    json.writeArrayFieldStart("needs");
    for (Need need : Need.values()) {
      json.writeStartObject();
      json.writeStringField("need", need.text());
      for (Standbys standbys : Standbys.values()) {
        json.writeStringField(
            standbys.word(), measured.level(database, need, standbys).orElse(null));
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(Cell cell, JsonGenerator json) throws IOException {
    Combination combination = cell.combination();
    json.writeStartObject();
    json.writeStringField("level", combination.level().word());
    json.writeStringField("standbys", combination.standbys().word());
    json.writeStringField("fault", combination.mishap().word());
    json.writeBooleanField("promised", Promise.of(combination).isKept());
    json.writeStringField("promise", Promise.of(combination).why());
    json.writeStringField("measured", cell.commits());
    json.writeNumberField("tries", cell.measured().size());
    if (cell.isMeasured()) {
      json.writeNumberField("acknowledged", sum(cell, Attempt::acknowledged));
      json.writeNumberField("lost", sum(cell, Attempt::lost));
      json.writeNumberField("lost-with-a-warning", sum(cell, Attempt::lostWarned));
      json.writeNumberField("lost-reads", sum(cell, Attempt::lostReads));
      json.writeBooleanField("stopped", cell.stops());
      json.writeNumberField("gap-millis", cell.gapMillis().orElse(0));
    } else {
      json.writeStringField("why", cell.whyNot());
    }
    if (cell.witness().isPresent()) {
      witness(cell.witness().get(), json);
    }
    json.writeEndObject();
  }

  private static int sum(Cell cell, java.util.function.ToIntFunction<Attempt> count) {
    return cell.measured().stream().mapToInt(count).sum();
  }

  private static void witness(Attempt attempt, JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("witness");
    json.writeNumberField("seed", attempt.seed());
    json.writeStringField("command", attempt.command());
    json.writeArrayFieldStart("rows");
    for (Attempt.Witness row : attempt.witnesses()) {
      json.writeStartObject();
      json.writeStringField("what", row.what());
      json.writeNumberField("marker", row.marker());
      json.writeStringField("xid", row.xid());
      json.writeStringField("lsn", row.lsn());
      json.writeStringField("node", row.node());
      json.writeNumberField("at-millis", row.atMillis());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
