package phaistos.harness.run;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.durability.NodeImage;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;

/**
 * The data of a run for the checkers. Immutable.
 *
 * @param crashImages of all nodes, from the crash under load, without unsynced writes
 * @param replayedImages of all nodes after their replay, at the end of the run
 * @param primary the primary at the end
 * @param logs of the nodes
 * @param problem why the run ended early, if it did
 */
public record Recording(
    List<Event<UntypedCall>> events,
    List<NodeImage> crashImages,
    List<NodeImage> replayedImages,
    String primary,
    Map<String, List<String>> logs,
    Optional<Throwable> problem) {}
