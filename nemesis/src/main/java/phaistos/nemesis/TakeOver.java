package phaistos.nemesis;

import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.Edn;

/**
 * What the operator did to make another node primary.
 *
 * @param next empty if no node was promoted
 * @param heard positions of the standbys that answered
 * @param needed how many answers policy safe asks for
 * @param leftOut nodes that a fault keeps from following or joining for now
 * @param second another node that was promoted too
 * @param refused why no node was promoted
 */
public record TakeOver(
    NodeId former,
    Optional<NodeId> next,
    TreeMap<NodeId, Long> heard,
    int needed,
    List<NodeId> followed,
    List<NodeId> rejoined,
    List<NodeId> leftOut,
    Optional<Second> second,
    Optional<String> refused) {
  Edn.Table toEdn() {
    EdnTable positions = new EdnTable();
    heard.forEach((node, lsn) -> positions.put(node.name(), Positions.lsnText(lsn)));
    return new EdnTable()
        .put("from", former.name())
        .put("to", next.map(NodeId::name))
        .put("heard", positions.build())
        .put("needed", needed)
        .put("followed", followed)
        .put("rejoined", rejoined)
        .put("left-out", leftOut)
        .put("second", second.map(each -> each.node.name()))
        .put("timelines", second.map(Second::timelines))
        .put("refused", refused)
        .build();
  }

  /**
   * A second primary beside the first.
   *
   * @param timelines of the first and of the second, as their WAL files are named: "00000002
   *     00000002"
   */
  public record Second(NodeId node, String timelines) {
    /** Whether two primaries are on one timeline number. */
    boolean isSameTimeline() {
      String[] both = timelines.split(" ");
      return both.length == 2 && both[0].equals(both[1]);
    }
  }
}
