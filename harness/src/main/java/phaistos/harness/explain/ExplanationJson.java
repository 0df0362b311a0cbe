package phaistos.harness.explain;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import phaistos.checker.pages.JsonTexts;
import phaistos.harness.LoadScript;
import phaistos.histories.EdnWriter;
import phaistos.nemesis.Schedule;

/** An explanation as JSON, for {@code explain.json}, the page and other programs. */
public final class ExplanationJson {
  private ExplanationJson() {}

  /** One object, indented, with a line's end. */
  public static String text(Explanation explanation) {
    return JsonTexts.indented(json -> write(explanation, json));
  }

  static void write(Explanation explanation, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeObjectFieldStart("violation");
    json.writeStringField("part", explanation.violation().part());
    json.writeStringField("kind", explanation.violation().kind());
    json.writeStringField("reason", explanation.violation().reason());
    json.writeEndObject();
    JsonTexts.strings("joined", explanation.joined(), json);
    if (explanation.smaller().isPresent()) {
      smaller(explanation.smaller().get(), json);
    }
    place("promise", explanation.promise(), json);
    place("jump", explanation.jump(), json);
    curve(explanation.curve(), json);
    if (explanation.junit().isPresent()) {
      json.writeStringField("junit", explanation.junit().get());
    }
    json.writeObjectFieldStart("cause");
    json.writeStringField("violation", explanation.cause().violation());
    json.writeStringField("step", explanation.cause().step());
    json.writeStringField("shape", explanation.cause().shape());
    json.writeEndObject();
    json.writeBooleanField("complete", explanation.isComplete());
    JsonTexts.strings("open", explanation.open(), json);
    json.writeObjectFieldStart("effort");
    json.writeNumberField("runs", explanation.effort().runs());
    json.writeNumberField("seconds", Math.round(explanation.effort().seconds() * 100) / 100.0);
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void place(String name, Optional<Explanation.Place> found, JsonGenerator json)
      throws IOException {
    if (found.isEmpty()) {
      return;
    }
    Explanation.Place place = found.get();
    json.writeObjectFieldStart(name);
    json.writeNumberField("nanos", place.nanos());
    json.writeStringField("node", place.node());
    json.writeStringField("task", place.task());
    json.writeStringField("step", place.step());
    json.writeStringField("source", place.source());
    json.writeStringField("method", place.method());
    json.writeStringField("sentence", place.sentence());
    json.writeEndObject();
  }

  private static void curve(List<Explanation.Point> points, JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("curve");
    for (Explanation.Point point : points) {
      json.writeStartObject();
      json.writeNumberField("nanos", point.nanos());
      json.writeNumberField("choice", point.choice());
      json.writeNumberField("failed", point.failed());
      json.writeNumberField("runs", point.runs());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void smaller(Explanation.Smaller smaller, JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("smaller");
    json.writeStringField("size", ExplanationText.size(smaller));
    json.writeStringField("workload", smaller.plan().workload().name());
    json.writeNumberField("nodes", smaller.plan().cluster().nodes());
    json.writeNumberField("faults", smaller.faults());
    json.writeStringField("shape", smaller.shape());
    json.writeStringField("reason", smaller.reason());
    JsonTexts.strings("joined", smaller.joined(), json);
    LoadScript script = smaller.script();
    json.writeNumberField("crashAtNanos", script.crashAtNanos());
    json.writeBooleanField("crashesWhenAnswered", script.crashesWhenAnswered());
    json.writeBooleanField("endsAtCrash", script.endsAtCrash());
    if (smaller.schedule().isPresent()) {
      json.writeStringField("schedule", smaller.schedule().map(Schedule::toEdn).get());
    }
    if (smaller.calls().isPresent()) {
      json.writeArrayFieldStart("calls");
      for (LoadScript.Call call : smaller.calls().get()) {
        json.writeStartObject();
        json.writeNumberField("at", call.atNanos());
        json.writeNumberField("thread", call.thread());
        json.writeStringField("f", call.call().name());
        json.writeStringField("value", EdnWriter.print(call.call().value()));
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    json.writeArrayFieldStart("happenings");
    for (ExplanationText.Happening each : ExplanationText.happenings(smaller)) {
      json.writeStartArray();
      json.writeNumber(each.nanos());
      json.writeString(each.who());
      json.writeString(each.what());
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
