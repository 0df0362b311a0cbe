package phaistos.harness.explain;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.formats.Xid;
import phaistos.harness.JudgedRun;
import phaistos.harness.explain.StepTrace.Taken;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;
import phaistos.server.steps.CommitSteps;

/**
 * What clients know of the commits that were acknowledged to them, by node and transaction id. Ids
 * that a node has given out twice are left out: which of the two a client means is not known.
 */
final class Acknowledged {
  private record Answer(String level, boolean isWarned) {}

  private final Map<String, Answer> answers = new HashMap<>();

  /** Of the run with this trace. */
  static Acknowledged of(JudgedRun run, StepTrace trace) {
    Acknowledged known = new Acknowledged();
    for (Event<UntypedCall> event : run.recording().events()) {
      var details = event.details();
      // the id of one that was not acknowledged may have been given out again
      boolean isOk = event instanceof Event.Ok<UntypedCall>;
      if (isOk && details.xid().isPresent() && details.synchronousCommit().isPresent()) {
        known.answers.put(
            key(details.node().orElse(""), new Xid((int) details.xid().getAsLong())),
            new Answer(
                details.synchronousCommit().get().toUpperCase(Locale.ROOT),
                details.unreplicated()));
      }
    }
    known.answers.keySet().removeAll(givenTwice(trace));
    return known;
  }

  private static String key(String node, Xid xid) {
    return node + "/" + xid.value();
  }

  /** Transactions whose id a node has given to another one too, after it forgot the first. */
  private static Set<String> givenTwice(StepTrace trace) {
    Set<String> given = new HashSet<>();
    Set<String> twice = new HashSet<>();
    for (Taken taken : trace.taken()) {
      boolean isLevel = taken.is(CommitSteps.COMMIT_LEVEL);
      if (isLevel && taken.about instanceof Xid xid && !given.add(key(taken.node, xid))) {
        twice.add(key(taken.node, xid));
      }
    }
    return twice;
  }

  /** The level of synchronous_commit that was in force; empty if nobody knows of the commit. */
  Optional<String> level(String node, Xid xid) {
    return Optional.ofNullable(answers.get(key(node, xid))).map(Answer::level);
  }

  /**
   * Whether the client was told that its wait for the standbys was cut short; empty if nobody knows
   * of the commit.
   */
  Optional<Boolean> isWarned(String node, Xid xid) {
    return Optional.ofNullable(answers.get(key(node, xid))).map(Answer::isWarned);
  }
}
