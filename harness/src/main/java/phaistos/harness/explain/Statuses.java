package phaistos.harness.explain;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.formats.CommitLog.Status;
import phaistos.formats.Xid;
import phaistos.server.steps.BitChange;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Step;
import phaistos.server.steps.StorageSteps;

/**
 * What servers have noted of transactions, so that an answer that says otherwise is seen while the
 * run goes on: there are too many answers to keep them.
 */
final class Statuses {
  /** By server, then by transaction. */
  private final Map<Integer, Map<Xid, Status>> set = new HashMap<>();

  private final Set<Xid> assigned = new HashSet<>();

  /** On any server, as sub-committed too. */
  private final Set<Xid> committed = new HashSet<>();

  /** A step has ended. */
  void ended(int server, Step<?, ?> step, Object about) {
    if (about instanceof BitChange(byte[] _, Xid xid, Status status)) {
      set.computeIfAbsent(server, _ -> new HashMap<>()).put(xid, status);
      if (status == Status.COMMITTED || status == Status.SUB_COMMITTED) {
        committed.add(xid);
      }
    } else if (step == CommitSteps.XID_ASSIGN && about instanceof Xid xid) {
      assigned.add(xid);
    }
  }

  /** The final status that a server has noted; empty if it has not, or does not ask for it. */
  Optional<Status> known(int server, Step<?, ?> step, Object about) {
    boolean asks = step == CommitSteps.COMMIT_LOG_LOOKUP || step == StorageSteps.ROW_REPLACED;
    return asks && about instanceof Xid xid
        ? Optional.ofNullable(set.getOrDefault(server, Map.of()).get(xid))
            .filter(status -> status == Status.COMMITTED || status == Status.ABORTED)
        : Optional.empty();
  }

  /**
   * What is wrong with an answer.
   *
   * @param before the known status when the step began
   */
  Optional<String> objection(
      Step<?, ?> step, Object about, Object answer, Optional<Status> before) {
    if (step == CommitSteps.COMMIT_LOG_LOOKUP && about instanceof Xid xid) {
      if (before.isPresent() && before.get() != answer) {
        return Optional.of(
            "answered %s for xid %s, which was noted as %s".formatted(answer, xid, before.get()));
      }
      if (answer == Status.COMMITTED && assigned.contains(xid) && !committed.contains(xid)) {
        return Optional.of(
            "answered %s for xid %s, which nobody has noted so".formatted(answer, xid));
      }
    }
    if (step == StorageSteps.ROW_REPLACED && before.isPresent()) {
      Object right = before.get() == Status.COMMITTED;
      return right.equals(answer)
          ? Optional.empty()
          : Optional.of(
              "answered %s for xid %s, which was noted as %s"
                  .formatted(answer, about, before.get()));
    }
    return Optional.empty();
  }
}
