package phaistos.harness.guarantees;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import phaistos.checker.durability.CommitLevel;
import phaistos.histories.Edn;
import phaistos.histories.EdnReader;
import phaistos.histories.EdnWriter;
import phaistos.nemesis.EdnTable;

/** Attempts as EDN, one a line, so that a campaign that was ended can go on. */
final class AttemptText {
  private AttemptText() {}

  static String line(Attempt attempt) {
    Combination combination = attempt.combination();
    EdnTable table =
        new EdnTable()
            .put("db", attempt.database())
            .put("cluster", attempt.cluster())
            .put("level", combination.level().word())
            .put("standbys", combination.standbys().word())
            .put("fault", combination.mishap().word())
            .put("seed", attempt.seed())
            .put("stress", attempt.stress())
            .put("acknowledged", attempt.acknowledged())
            .put("lost", attempt.lost())
            .put("lost-warned", attempt.lostWarned())
            .put("lost-reads", attempt.lostReads());
    attempt.gapMillis().ifPresent(gap -> table.put("gap-millis", gap));
    table.put(
        "witnesses",
        new Edn.Vector(attempt.witnesses().stream().<Edn>map(AttemptText::table).toList()));
    table.put("problem", attempt.problem());
    return EdnWriter.print(table.build());
  }

  private static Edn.Table table(Attempt.Witness witness) {
    return new EdnTable()
        .put("what", witness.what())
        .put("marker", witness.marker())
        .put("xid", witness.xid())
        .put("lsn", witness.lsn())
        .put("node", witness.node())
        .put("at-millis", witness.atMillis())
        .build();
  }

  /**
   * Reads {@link #line}'s form, line by line; an incomplete last line, of a campaign that was ended
   * while it wrote, is left out.
   *
   * @throws IllegalArgumentException if another line is no attempt; names file and line
   */
  static List<Attempt> read(List<String> lines, String source) {
    List<Attempt> attempts = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      try {
        Optional<Edn> value = new EdnReader(new StringReader(lines.get(i)), source).next();
        if (value.isPresent()) {
          attempts.add(attempt((Edn.Table) value.get()));
        }
      } catch (IOException | RuntimeException e) {
        if (i < lines.size() - 1) {
          throw new IllegalArgumentException(
              "%s: line %d: no attempt: %s".formatted(source, i + 1, e.getMessage()), e);
        }
      }
    }
    return attempts;
  }

  private static Attempt attempt(Edn.Table table) {
    Combination combination =
        new Combination(
            CommitLevel.parse(text(table, "level")),
            Standbys.named(text(table, "standbys")).orElseThrow(),
            Mishap.named(text(table, "fault")).orElseThrow());
    List<Attempt.Witness> witnesses = new ArrayList<>();
    for (Edn each : table.get("witnesses").elements()) {
      Edn.Table witness = (Edn.Table) each;
      witnesses.add(
          new Attempt.Witness(
              text(witness, "what"),
              number(witness, "marker"),
              text(witness, "xid"),
              text(witness, "lsn"),
              text(witness, "node"),
              number(witness, "at-millis")));
    }
    return new Attempt(
        text(table, "db"),
        text(table, "cluster"),
        combination,
        number(table, "seed"),
        text(table, "stress"),
        Math.toIntExact(number(table, "acknowledged")),
        Math.toIntExact(number(table, "lost")),
        Math.toIntExact(number(table, "lost-warned")),
        Math.toIntExact(number(table, "lost-reads")),
        table.get("gap-millis") instanceof Edn.Int(long gap)
            ? OptionalLong.of(gap)
            : OptionalLong.empty(),
        witnesses,
        table.get("problem") instanceof Edn.Text(String problem)
            ? Optional.of(problem)
            : Optional.empty());
  }

  private static String text(Edn.Table table, String name) {
    return ((Edn.Text) table.get(name)).value();
  }

  private static long number(Edn.Table table, String name) {
    return ((Edn.Int) table.get(name)).value();
  }
}
