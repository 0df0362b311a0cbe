package phaistos.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import phaistos.checker.Verdict;
import phaistos.checker.durability.AuditReport;
import phaistos.checker.durability.NodeReport;
import phaistos.harness.run.CrashAudit;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * Judges what is left where a run loses as many nodes for good as the promise of its commits
 * allows: one of the standbys that are left must become primary, since it has every acknowledged
 * commit.
 */
final class Survivors {
  private Survivors() {}

  /** The nodes whose files have WAL that recovery does not choose, and what there is. */
  static Map<String, String> holes(Optional<AuditReport> audit) {
    Map<String, String> holes = new TreeMap<>();
    for (NodeReport node : audit.map(AuditReport::nodes).orElse(List.of())) {
      node.situation().hole().ifPresent(hole -> holes.put(node.name(), hole.words()));
    }
    return holes;
  }

  /**
   * @param holes of the files with which the standbys started
   */
  static Verdict judge(History<UntypedCall> history, Map<String, String> holes) {
    for (Event<UntypedCall> event : history.nemesisEvents().toList()) {
      if (event.call().name().equals(CrashAudit.REPLAY)
          && event.call().value() instanceof Edn.Table value
          && value.get(CrashAudit.LOST_NODES) instanceof Edn.Vector lost
          && value.get(CrashAudit.LEFT_NODES) instanceof Edn.Vector left
          && value.get(CrashAudit.REFUSED) instanceof Edn.Text(String why)) {
        return judge(names(lost), names(left), why, holes);
      }
    }
    return Verdict.VALID;
  }

  private static Verdict judge(
      List<String> lost, List<String> left, String why, Map<String, String> holes) {
    String problem =
        "the primary and %s are lost, %s must have every acknowledged commit, and is not primary: %s"
            .formatted(String.join(", ", lost), String.join(", ", left), why);
    for (String node : left) {
      if (holes.containsKey(node)) {
        return new Verdict.Invalid("%s; on %s %s".formatted(problem, node, holes.get(node)));
      }
    }
    return new Verdict.Unknown(problem);
  }

  private static List<String> names(Edn.Vector nodes) {
    List<String> names = new ArrayList<>();
    for (Edn node : nodes.items()) {
      names.add(node instanceof Edn.Text(String name) ? name : "?");
    }
    return names;
  }
}
