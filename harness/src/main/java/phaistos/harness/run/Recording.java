package phaistos.harness.run;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.durability.NodeImage;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;

/**
 * What a run has left for the checkers. Nothing in it changes any more.
 *
 * @param crashImages of all nodes, from the crash under load, without unsynced writes
 * @param replayedImages of all nodes after they replayed, when everything was over
 * @param primary who was primary in the end
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
