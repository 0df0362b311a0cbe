package phaistos.harness.run;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.durability.NodeImage;
import phaistos.checker.replication.ReplyReport;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;

/**
 * The data of a run for the checkers. Immutable.
 *
 * @param crashImages of all nodes, from the crash under load, without unsynced writes
 * @param replayedImages of all nodes after their replay, at the end of the run
 * @param primary the primary at the end
 * @param logs of the nodes
 * @param positions how far the nodes' WAL was during the load
 * @param loadBegan the time of day at the control party when the load began, which is the history's
 *     time 0; empty if it did not begin
 * @param problem why the run ended early, if it did
 * @param noImages the reason wherever there are no images
 * @param messages of replication during the load, as far as the cluster tells of them
 * @param taskFailures exceptions that no task of a node may end with, a line each, as far as the
 *     cluster tells of them
 * @param replies the audit of the standbys' replies; empty if the cluster does not tell of them
 */
public record Recording(
    List<Event<UntypedCall>> events,
    List<NodeImage> crashImages,
    List<NodeImage> replayedImages,
    String primary,
    Map<String, List<String>> logs,
    List<NodePosition> positions,
    List<ReplicationMessage> messages,
    Optional<Instant> loadBegan,
    Optional<Throwable> problem,
    String noImages,
    Optional<ReplyReport> replies,
    List<String> taskFailures) {
  public static final String NO_IMAGES = "no images: the run did not come so far";

  public Recording withTaskFailures(List<String> failures) {
    return new Recording(
        events,
        crashImages,
        replayedImages,
        primary,
        logs,
        positions,
        messages,
        loadBegan,
        problem,
        noImages,
        replies,
        List.copyOf(failures));
  }
}
