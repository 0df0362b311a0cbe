package phaistos.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import phaistos.checker.Verdict;
import phaistos.checker.durability.AuditReport;
import phaistos.checker.durability.TransactionFinding;

/**
 * What one part of a verdict found, with a coarse kind: a smaller run with another reason of the
 * same kind still shows the same violation. {@link Violation} has the finer kind, for groups of
 * runs.
 *
 * @param part the name of the check
 * @param kind the sort of violation, without figures and names: "lost"
 * @param reason the part's own sentence
 * @param events indices of the operations that it names, first those that the audit found
 */
public record Finding(String part, String kind, String reason, List<Long> events) {
  private static final Pattern EVENT = Pattern.compile("\\b(?:events?|invoked at|ok at) (\\d+)");

  /** How many words of a reason make a kind, where it has no name in front. */
  private static final int WORDS_MAX = 8;

  public Finding {
    events = List.copyOf(events);
  }

  /** Whether the same check found the same kind. */
  public boolean isLike(Finding other) {
    return part.equals(other.part) && kind.equals(other.kind);
  }

  /** Of every part that is invalid, in the order of the parts. */
  static List<Finding> of(List<RunJudge.Part> parts) {
    List<Finding> findings = new ArrayList<>();
    for (RunJudge.Part part : parts) {
      if (part.verdict() instanceof Verdict.Invalid(String reason)) {
        boolean hasProblems = part.audit().filter(a -> !a.problems().isEmpty()).isPresent();
        findings.add(
            hasProblems ? ofAudit(part, part.audit().orElseThrow()) : ofReason(part, reason));
      }
    }
    return findings;
  }

  /** The kind is that of the first problem, since one audit may find several. */
  private static Finding ofAudit(RunJudge.Part part, AuditReport audit) {
    var first = audit.problems().getFirst().judgement();
    List<Long> events =
        audit.problems().stream()
            .filter(problem -> problem.judgement() == first)
            .map(TransactionFinding::claim)
            .map(claim -> claim.index())
            .toList();
    return new Finding(part.name(), first.word(), part.verdict().reason(), events);
  }

  private static Finding ofReason(RunJudge.Part part, String reason) {
    String text = reason.startsWith(part.name() + ": ") ? after(reason, part.name()) : reason;
    List<Long> events = new ArrayList<>();
    Matcher matcher = EVENT.matcher(text);
    while (matcher.find()) {
      events.add(Long.parseLong(matcher.group(1)));
    }
    return new Finding(part.name(), kindOf(text), reason, events);
  }

  private static String after(String reason, String name) {
    return reason.substring(name.length() + 2);
  }

  /**
   * "errors" of "2 errors: ...", which are of several sorts in one run, "cyclic-versions" of
   * "cyclic-versions: for example ...", "key #" of "key 12: no order ...", and the first words
   * without figures of a sentence: "row # of event # was acknowledged and".
   */
  static String kindOf(String text) {
    if (text.matches("\\d+ errors: .*")) {
      return "errors";
    }
    int colon = text.indexOf(':');
    String name = colon < 0 ? "" : text.substring(0, colon);
    if (!name.isEmpty() && name.matches("[A-Za-z][A-Za-z0-9 -]{1,30}")) {
      return name.toLowerCase(Locale.ROOT).replaceAll("(?<= )\\d+", "#");
    }
    String plain =
        text.replaceAll("\"[^\"]*\"|\\([^)]*\\)|\\[[^]]*]", "...")
            .replaceAll("\\d[\\d,./A-F]*", "#")
            .replaceAll("\\bn#", "a node")
            .strip();
    String[] words = plain.split("\\s+");
    return String.join(" ", List.of(words).subList(0, Math.min(WORDS_MAX, words.length)));
  }
}
