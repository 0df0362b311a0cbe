package phaistos.harness.explain;

import static java.util.Map.entry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.formats.CommitLog;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.harness.explain.StepTrace.Taken;
import phaistos.server.steps.BitChange;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.SessionSteps;
import phaistos.server.steps.StorageSteps;
import phaistos.server.steps.WalRange;

/**
 * What the steps of a server promise each other, checked on the trace of a run: a step that makes
 * something durable syncs, a commit that waits for its standbys reaches the queue, an answer says
 * what the step was asked. The first broken promise on the way to a violation is where to look. It
 * follows from what each step is for ({@code ./phaistos defects --steps}); a server that keeps its
 * word breaks none. Promises that need more than one step's own view are in {@link LongPromises}
 * and its like.
 */
final class Promises {
  /**
   * A promise that was broken.
   *
   * @param taken the step that broke it
   * @param sentence what was promised and what was seen
   */
  record Broken(Taken taken, String sentence) {}

  /** What must happen inside of a step: one of these port calls or steps. */
  private static final Map<String, List<String>> INSIDE =
      Map.ofEntries(
          entry("commit-record", List.of("wal-insert")),
          entry("abort-record", List.of("wal-insert")),
          entry("oid-record", List.of("wal-insert")),
          entry("running-xacts-record", List.of("wal-insert")),
          entry("assignment-record", List.of("wal-insert")),
          entry("slru-zero-record", List.of("wal-insert")),
          entry("heap-change", List.of("wal-insert")),
          entry("commit-flush", List.of("wal-flush")),
          entry("commit-log-set", List.of("commit-log-bits")),
          entry("commit-log-sub-commit", List.of("commit-log-bits")),
          entry("slru-evict", List.of("slru-write")),
          entry("minimum-recovery-point", List.of("control-file-write")),
          entry("data-directory-sync", List.of("disk.sync", "disk.syncDirectory")),
          entry("checkpoint-record", List.of("control-file-write")),
          entry("wal-write", List.of("disk.write")),
          entry("slru-write", List.of("disk.write")),
          entry("slru-preallocate", List.of("disk.write")),
          entry("buffer-write", List.of("disk.write")),
          entry("standby-write", List.of("disk.write")),
          entry("control-file-write", List.of("disk.write")),
          entry("wal-sync", List.of("disk.sync")),
          entry("wal-segment-leave-sync", List.of("disk.sync")),
          entry("wal-segment-sync", List.of("disk.sync")),
          entry("slru-sync", List.of("disk.sync")),
          entry("relation-sync", List.of("disk.sync")),
          entry("standby-sync", List.of("disk.sync")),
          entry("control-file-sync", List.of("disk.sync")),
          entry("wal-segment-rename", List.of("disk.rename")),
          entry("wal-directory-sync", List.of("disk.syncDirectory")),
          entry("slru-directory-sync", List.of("disk.syncDirectory")),
          entry("relation-directory-sync", List.of("disk.syncDirectory")),
          entry("wal-sender-send", List.of("net.write")),
          entry("standby-reply", List.of("net.write")));

  /** Steps that answer what they are about. */
  private static final Set<String> SAME =
      Set.of(
          CommitSteps.SYNC_REP_TARGET.label(),
          ReplicationSteps.SYNC_REP_MODE.label(),
          ReplicationSteps.SYNC_REP_NEEDED.label(),
          CommitSteps.COMMIT_LOG_TRIM_FROM.label(),
          SessionSteps.COMMAND_TAG.label(),
          RecoverySteps.FORK_POINT.label());

  /** Every segment's size is a multiple of it. */
  private static final long SEGMENT = 1 << 20;

  /** Steps that answer yes where everything is in order. */
  private static final Set<String> YES =
      Set.of(
          StorageSteps.ROW_SHOWN.label(),
          StorageSteps.ROW_LOCKED.label(),
          StorageSteps.KEY_TAKEN.label(),
          RecoverySteps.REPLAY_GOES_ON.label(),
          SessionSteps.STATEMENT_FAILS.label());

  private Promises() {}

  /**
   * All that were broken, in the order of time.
   *
   * @param acknowledged what the run's clients know
   * @param counted the standbys that commits may wait for; empty if that is not known
   */
  static List<Broken> broken(
      StepTrace trace, Acknowledged acknowledged, Optional<Set<String>> counted) {
    List<Broken> broken = new ArrayList<>();
    for (Taken taken : trace.taken()) {
      if (taken.hasEnded() && !taken.threw) {
        alone(taken, acknowledged)
            .or(() -> counted.flatMap(names -> candidate(taken, names)))
            .ifPresent(sentence -> broken.add(new Broken(taken, sentence)));
      }
    }
    broken.addAll(new LongPromises(trace).broken());
    broken.addAll(new WaitPromises(trace, acknowledged).broken());
    broken.addAll(new SnapshotPromises(trace).broken());
    broken.addAll(new StoragePromises(trace).broken());
    broken.sort(Comparator.comparingInt(each -> each.taken.began));
    return broken;
  }

  /** Looks at one step alone. */
  private static Optional<String> alone(Taken taken, Acknowledged acknowledged) {
    if (taken.objection.isPresent()) {
      return taken.objection;
    }
    String label = taken.step.label();
    List<String> inside = INSIDE.getOrDefault(label, List.of());
    if (!inside.isEmpty() && inside.stream().noneMatch(taken.inside::contains)) {
      return Optional.of("ended without " + String.join(" or ", inside));
    }
    if (SAME.contains(label) && !taken.answer.equals(Optional.of(taken.about))) {
      return Optional.of("answered %s, asked about %s".formatted(text(taken), taken.about));
    }
    if (YES.contains(label) && !taken.answer.equals(Optional.of(true))) {
      return Optional.of("answered %s about %s".formatted(text(taken), taken.about));
    }
    if (taken.is(CommitSteps.COMMIT_RECORD)) {
      return record(taken);
    }
    if (taken.is(RecoverySteps.TIMELINE_SELECT)
        && taken.about instanceof Integer old
        && taken.answer.isPresent()
        && taken.answer.get() instanceof Integer selected
        && selected <= old) {
      return Optional.of("answered %d, the old one is %d".formatted(selected, old));
    }
    if (taken.is(StorageSteps.CHECKPOINT_REDO_NAMED)
        && taken.about instanceof WalRange since
        && !taken.answer.equals(Optional.of(since.start()))) {
      return Optional.of("answered %s, asked about %s".formatted(text(taken), since.start()));
    }
    if (taken.is(ReplicationSteps.RECEIVER_START)
        && taken.answer.isPresent()
        && taken.answer.get() instanceof Lsn start
        && start.value() % SEGMENT != 0) {
      return Optional.of("answered %s, which is no start of a segment".formatted(start));
    }
    if (taken.is(CommitSteps.COMMIT_LEVEL) && taken.about instanceof Xid xid) {
      return acknowledged
          .level(taken.node, xid)
          .filter(level -> !taken.answer.equals(Optional.of(level)))
          .map(
              level ->
                  "answered %s for xid %s, whose level is %s".formatted(text(taken), xid, level));
    }
    if (taken.is(SessionSteps.TRANSACTION_END)) {
      String right = "COMMIT".equals(taken.about) ? "COMMIT" : "ROLLBACK";
      return taken.answer.equals(Optional.of(right))
          ? Optional.empty()
          : Optional.of("answered %s to %s".formatted(text(taken), taken.about));
    }
    return taken.is(CommitSteps.COMMIT_LOG_BITS) ? bits(taken) : Optional.empty();
  }

  private static Optional<String> candidate(Taken taken, Set<String> names) {
    return taken.is(ReplicationSteps.SYNC_REP_CANDIDATE)
            && taken.about instanceof String name
            && !names.contains(name)
            && taken.answer.equals(Optional.of(true))
        ? Optional.of("answered yes for %s, which is not among %s".formatted(name, names))
        : Optional.empty();
  }

  private static String text(Taken taken) {
    return taken.answer.map(String::valueOf).orElse("nothing");
  }

  /** A commit record's end is where its insertion ended. */
  private static Optional<String> record(Taken taken) {
    return taken.innerAnswer.isPresent()
            && taken.innerAnswer.get() instanceof WalRange range
            && taken.answer.isPresent()
            && taken.answer.get() instanceof Lsn end
            && !range.end().equals(end)
        ? Optional.of("answered %s, the record ends at %s".formatted(end, range.end()))
        : Optional.empty();
  }

  /**
   * Whether it is a change of the commit log whose page differs from before in the two bits of the
   * transaction, which are the asked ones.
   */
  static boolean keepsBits(Taken taken) {
    if (!(taken.about instanceof BitChange change)) {
      return false;
    }
    byte[] right = taken.before.clone();
    CommitLog.set(right, change.xid(), change.status());
    return Arrays.equals(right, taken.after);
  }

  private static Optional<String> bits(Taken taken) {
    if (taken.before.length == 0) {
      return Optional.empty();
    }
    BitChange change = (BitChange) taken.about;
    var set = CommitLog.get(taken.after, change.xid());
    return Optional.of(
        set == change.status()
            ? "changed more than the two bits of xid %s, to be %s".formatted(change.xid(), set)
            : "set xid %s to %s, asked for %s".formatted(change.xid(), set, change.status()));
  }
}
