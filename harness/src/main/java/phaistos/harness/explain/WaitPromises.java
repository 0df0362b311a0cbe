package phaistos.harness.explain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.formats.Xid;
import phaistos.harness.explain.Promises.Broken;
import phaistos.harness.explain.StepTrace.Taken;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.ReplicationSteps;

/**
 * Promises to those who wait for standbys: whoever may go on does, and a client whose wait was cut
 * short is told so.
 */
final class WaitPromises {
  /** How long a released session may take to go on, in simulated time. */
  private static final long RELEASE_NANOS = 5_000_000_000L;

  private final StepTrace trace;
  private final Acknowledged acknowledged;
  private final List<Broken> broken = new ArrayList<>();

  /** When each server took its last step. */
  private final Map<Integer, Long> lastNanos = new HashMap<>();

  /** A commit that waits to the end of its server. */
  private record Waiter(Taken waiting, Taken mode) {}

  WaitPromises(StepTrace trace, Acknowledged acknowledged) {
    this.trace = trace;
    this.acknowledged = acknowledged;
    for (Taken taken : trace.taken()) {
      lastNanos.merge(taken.server, taken.beganNanos, Math::max);
    }
  }

  List<Broken> broken() {
    releases(waiters());
    warnings();
    return broken;
  }

  private List<Waiter> waiters() {
    Map<Long, Taken> open = new HashMap<>();
    List<Waiter> waiters = new ArrayList<>();
    for (Taken taken : trace.taken()) {
      if (taken.is(CommitSteps.SYNC_REP_WAIT) && !taken.hasEnded()) {
        open.put(taken.thread, taken);
      } else if (taken.is(ReplicationSteps.SYNC_REP_MODE)
          && taken.hasEnded()
          && open.containsKey(taken.thread)) {
        waiters.add(new Waiter(open.get(taken.thread), taken));
      }
    }
    return waiters;
  }

  /** Whoever waits for no more than what is released goes on. */
  private void releases(List<Waiter> waiters) {
    Map<Long, Object> modes = new HashMap<>();
    for (Taken taken : trace.taken()) {
      if (taken.is(ReplicationSteps.SYNC_REP_POSITION)) {
        modes.put(taken.thread, taken.about);
      } else if (taken.is(ReplicationSteps.SYNC_REP_RELEASE)
          && taken.hasEnded()
          && lastNanos.get(taken.server) - taken.endedNanos > RELEASE_NANOS) {
        Optional<Object> mode = Optional.ofNullable(modes.get(taken.thread));
        waiters.stream()
            .filter(waiter -> waiter.waiting.server == taken.server)
            .filter(waiter -> waiter.mode.ended < taken.began && waiter.mode.answer.equals(mode))
            .filter(waiter -> Long.compareUnsigned(waiter.waiting.lsn(), taken.lsn()) <= 0)
            .findFirst()
            .ifPresent(
                waiter ->
                    breaks(
                        taken,
                        "a commit that waits for %s still waits %d s later"
                            .formatted(waiter.waiting.about, RELEASE_NANOS / 1_000_000_000L)));
      }
    }
  }

  /** A client that has been warned knows it. */
  private void warnings() {
    Map<Long, Xid> commits = new HashMap<>();
    for (Taken taken : trace.taken()) {
      if (taken.is(CommitSteps.COMMIT_RECORD) && taken.about instanceof Xid xid) {
        commits.put(taken.thread, xid);
      } else if (taken.is(CommitSteps.PROC_ARRAY_END)) {
        commits.remove(taken.thread);
      } else if (taken.is(ReplicationSteps.SYNC_REP_WARNING) && commits.containsKey(taken.thread)) {
        Xid xid = commits.get(taken.thread);
        if (acknowledged.isWarned(taken.node, xid).filter(told -> !told).isPresent()) {
          breaks(taken, "the client of xid %s was told of its commit only".formatted(xid));
        }
      }
    }
  }

  private void breaks(Taken taken, String sentence) {
    broken.add(new Broken(taken, sentence));
  }
}
