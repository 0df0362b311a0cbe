package phaistos.checker.replication;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.formats.Lsn;
import phaistos.histories.Edn;

/**
 * What came of the audit of the standbys' replies.
 *
 * @param replies that were judged
 * @param bytes of WAL that were read for it
 * @param violations the first of each stream of WAL, in the order of time
 * @param early an acknowledgement, or a row seen on the primary, that came before the replies
 * @param unflushed a page that a primary wrote before the WAL that it rests on was flushed
 * @param problem why the audit is not complete, if it is not
 */
public record ReplyReport(
    long replies,
    long bytes,
    List<Violation> violations,
    Optional<String> early,
    Optional<String> unflushed,
    Optional<String> problem)
    implements Result {
  /** The name of the audit in verdicts. */
  public static final String NAME = "audit of the standbys' replies";

  /** The name in verdicts of what {@code early} says. */
  public static final String ACKNOWLEDGEMENTS = "audit of the acknowledgements";

  /** The name in verdicts of what {@code unflushed} says. */
  public static final String WRITES = "audit of the writes";

  public ReplyReport {
    violations = List.copyOf(violations);
  }

  /** A position that a reply reports. */
  public enum Claim {
    WRITTEN("a SIGKILL at that moment leaves it"),
    FLUSHED("a power cut at that moment leaves it"),
    APPLIED("it is replayed, and there after a power cut at that moment,"),
    /** Not of a standby's reply: up to where a node sends WAL to its standbys. */
    SENT("a power cut at that moment leaves it");

    private final String left;

    Claim(String left) {
      this.left = left;
    }
  }

  /**
   * A position that was not true.
   *
   * @param timeNanos since the load began; negative before
   * @param left up to where it would have been true
   * @param file where the WAL from {@code left} on should be
   */
  public record Violation(
      String standby,
      long timeNanos,
      Claim claim,
      Lsn claimed,
      Lsn left,
      String file,
      long offset,
      String why) {
    /** One sentence of proof. */
    public String sentence() {
      String done =
          claim == Claim.SENT
              ? "%s sent WAL up to %s".formatted(standby, claimed)
              : "%s reported WAL up to %s as %s"
                  .formatted(standby, claimed, claim.name().toLowerCase(Locale.ROOT));
      return "%s at %.6f s; %s up to %s only (%s, offset %d: %s)"
          .formatted(done, timeNanos / 1e9, claim.left, left, file, offset, why);
    }
  }

  /** Whether clients were told of commits after the replies that they wait for, not before. */
  public Verdict acknowledgements() {
    return early.<Verdict>map(Verdict.Invalid::new).orElse(Verdict.VALID);
  }

  /** Whether every page was written after the WAL that it rests on was flushed. */
  public Verdict writes() {
    return unflushed.<Verdict>map(Verdict.Invalid::new).orElse(Verdict.VALID);
  }

  /** The same report with a page that was written too early, if there is one. */
  public ReplyReport withUnflushed(Optional<String> sentence) {
    return new ReplyReport(replies, bytes, violations, early, sentence, problem);
  }

  @Override
  public Verdict verdict() {
    if (!violations.isEmpty()) {
      return new Verdict.Invalid(violations.getFirst().sentence());
    }
    if (problem.isPresent()) {
      return new Verdict.Unknown("the audit failed: " + problem.get());
    }
    return replies == 0 ? new Verdict.Unknown("no standby sent a reply") : Verdict.VALID;
  }

  /** The same report, its times since another moment. */
  public ReplyReport since(long nanos) {
    List<Violation> moved = new ArrayList<>();
    for (Violation each : violations) {
      moved.add(
          new Violation(
              each.standby,
              each.timeNanos - nanos,
              each.claim,
              each.claimed,
              each.left,
              each.file,
              each.offset,
              each.why));
    }
    return new ReplyReport(replies, bytes, moved, early, unflushed, problem);
  }

  /** What {@link #ofEdn} reads. */
  public Edn.Table toEdn() {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    table.put(Edn.keyword("replies"), Edn.of(replies));
    table.put(Edn.keyword("bytes"), Edn.of(bytes));
    List<Edn> all = new ArrayList<>();
    for (Violation each : violations) {
      LinkedHashMap<Edn, Edn> one = new LinkedHashMap<>();
      one.put(Edn.keyword("standby"), Edn.of(each.standby));
      one.put(Edn.keyword("time"), Edn.of(each.timeNanos));
      one.put(Edn.keyword("claim"), Edn.keyword(each.claim.name().toLowerCase(Locale.ROOT)));
      one.put(Edn.keyword("claimed"), Edn.of(each.claimed.toString()));
      one.put(Edn.keyword("left"), Edn.of(each.left.toString()));
      one.put(Edn.keyword("file"), Edn.of(each.file));
      one.put(Edn.keyword("offset"), Edn.of(each.offset));
      one.put(Edn.keyword("why"), Edn.of(each.why));
      all.add(new Edn.Table(one));
    }
    table.put(Edn.keyword("violations"), new Edn.Vector(all));
    early.ifPresent(what -> table.put(Edn.keyword("early"), Edn.of(what)));
    unflushed.ifPresent(what -> table.put(Edn.keyword("unflushed"), Edn.of(what)));
    problem.ifPresent(why -> table.put(Edn.keyword("problem"), Edn.of(why)));
    return new Edn.Table(table);
  }

  /**
   * @throws IllegalArgumentException if it is no report
   */
  public static ReplyReport ofEdn(Edn.Table table) {
    List<Violation> violations = new ArrayList<>();
    for (Edn each : table.get("violations").elements()) {
      if (!(each instanceof Edn.Table one)) {
        throw new IllegalArgumentException("no violation: " + each);
      }
      violations.add(
          new Violation(
              text(one, "standby"),
              number(one, "time"),
              Claim.valueOf(word(one, "claim").toUpperCase(Locale.ROOT)),
              Lsn.parse(text(one, "claimed")),
              Lsn.parse(text(one, "left")),
              text(one, "file"),
              number(one, "offset"),
              text(one, "why")));
    }
    return new ReplyReport(
        number(table, "replies"),
        number(table, "bytes"),
        violations,
        sentence(table, "early"),
        sentence(table, "unflushed"),
        sentence(table, "problem"));
  }

  private static Optional<String> sentence(Edn.Table table, String key) {
    return table.get(key) instanceof Edn.Text(String text) ? Optional.of(text) : Optional.empty();
  }

  private static String text(Edn.Table table, String key) {
    return table.get(key) instanceof Edn.Text(String text) ? text : fail(key);
  }

  private static String word(Edn.Table table, String key) {
    return table.get(key) instanceof Edn.Keyword(String name) ? name : fail(key);
  }

  private static long number(Edn.Table table, String key) {
    return table.get(key) instanceof Edn.Int(long value) ? value : Long.parseLong(fail(key));
  }

  private static String fail(String key) {
    throw new IllegalArgumentException("no report of replies: :" + key);
  }
}
