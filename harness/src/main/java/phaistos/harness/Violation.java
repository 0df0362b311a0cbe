package phaistos.harness;

import java.util.List;
import java.util.regex.Pattern;
import phaistos.checker.Verdict;
import phaistos.checker.durability.AuditReport;
import phaistos.checker.durability.Defect;
import phaistos.checker.durability.TransactionFinding;

/**
 * A violation that one part of a verdict proved.
 *
 * @param checker the part's name: "audit of the crash images", "liveness"
 * @param kind its first finding in words that other runs share: values, xids, LSNs, nodes and
 *     counts are left out. Two runs with the same cause mostly have the same kind; two causes may
 *     share one.
 */
public record Violation(String checker, String kind) {
  private static final int KIND_MAX = 240;

  private record Rule(Pattern what, String with) {
    Rule(String what, String with) {
      this(Pattern.compile(what), with);
    }
  }

  /** In this order: what is quoted may hold everything else. */
  private static final List<Rule> RULES =
      List.of(
          new Rule("\"[^\"]*\"", "#"),
          new Rule(" ?\\([^()]*(\\([^()]*\\)[^()]*)*\\)", ""),
          new Rule("\\b[0-9A-F]{1,8}/[0-9A-F]{1,8}\\b", "LSN"),
          new Rule("\\b\\d+\\.\\d+\\.\\d+\\.\\d+(:\\d+)?\\b", "ADDRESS"),
          new Rule("\\bn[1-9]\\b", "N"),
          new Rule("[0-9A-Fa-f]{24}", "#"),
          new Rule("-?\\d[\\d,.]*\\d|-?\\d", "#"),
          new Rule("#( ?(ms|s|B|kB|MB))\\b", "#"),
          new Rule("[\\[({][#, ]*[\\])}]", "#"),
          new Rule("#([, ]+#)+", "#"),
          new Rule("\\bN(, N)+\\b", "N"));

  /** The violation of a part whose verdict is invalid. */
  static Violation of(RunJudge.Part part) {
    String reason = part.audit().map(Violation::first).orElse(part.verdict().reason());
    String name = part.name() + ": ";
    return new Violation(
        part.name(), kind(reason.startsWith(name) ? reason.substring(name.length()) : reason));
  }

  /** What an audit found first; its summary counts only. */
  private static String first(AuditReport audit) {
    if (!audit.problems().isEmpty()) {
      TransactionFinding finding = audit.problems().getFirst();
      // What is in front says who owed it, which the run's settings decide.
      String evidence = finding.reason().replaceFirst("^.*: ", "");
      return finding.judgement().word() + ": " + evidence;
    }
    if (!audit.defects().isEmpty()) {
      Defect defect = audit.defects().getFirst();
      return defect.kind().word() + ": " + defect.what();
    }
    return audit.verdict().reason();
  }

  /** A sentence without what differs from run to run. */
  public static String kind(String sentence) {
    String kind = sentence.lines().findFirst().orElse("");
    for (Rule rule : RULES) {
      kind = rule.what.matcher(kind).replaceAll(rule.with);
    }
    return kind.length() > KIND_MAX ? kind.substring(0, KIND_MAX) : kind;
  }

  static List<Violation> of(List<RunJudge.Part> parts) {
    return parts.stream()
        .filter(part -> part.verdict() instanceof Verdict.Invalid)
        .map(Violation::of)
        .toList();
  }
}
