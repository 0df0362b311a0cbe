package phaistos.checker.durability;

import java.util.ArrayList;
import java.util.List;

/** Whose commit a node has can be certain by what another node has. */
final class OtherNodes {
  private OtherNodes() {}

  /** A claim's copies, a node each; one that is known to be another transaction's is so called. */
  static List<Copy> explained(List<Copy> copies, List<NodeReport> nodes) {
    List<Copy> explained = new ArrayList<>(copies);
    for (int i = 0; i < copies.size(); i++) {
      for (int j = 0; j < copies.size(); j++) {
        Copy doubtful = copies.get(i);
        Copy certain = copies.get(j);
        if (isFromCommitLog(doubtful, certain)
            && nodes.get(i).timeline() == nodes.get(j).timeline()) {
          explained.set(i, certain.as(doubtful.node()));
        } else if (isElsewhere(doubtful, certain)) {
          explained.set(i, doubtful.ofAnother());
        }
      }
    }
    return explained;
  }

  /** Known from the commit log only, where another node's WAL shows whose it is. */
  private static boolean isFromCommitLog(Copy doubtful, Copy certain) {
    return doubtful.presence() == Presence.LOG_ONLY && certain.presence() == Presence.OTHER;
  }

  /**
   * A transaction has one commit record, at the same LSN on every node. A failover hands the xids
   * of lost commits out again.
   */
  private static boolean isElsewhere(Copy doubtful, Copy certain) {
    return doubtful.presence() == Presence.UNPROVEN
        && certain.presence() == Presence.RECORD
        && !certain.lsn().equals(doubtful.lsn());
  }
}
