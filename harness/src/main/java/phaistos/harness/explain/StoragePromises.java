package phaistos.harness.explain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.harness.explain.Promises.Broken;
import phaistos.harness.explain.StepTrace.Taken;
import phaistos.server.steps.BitChange;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.StandbyReply;
import phaistos.server.steps.Step;
import phaistos.server.steps.StorageSteps;
import phaistos.server.steps.WalRange;

/**
 * Promises of checkpoints, pages, hint bits and replay: each goes through the steps of one server
 * in the order of their ends.
 */
final class StoragePromises {
  /** So many rounds of the WAL writer in a row are not all hindered by a flush under way. */
  private static final int IDLE_ROUNDS = 10;

  /** How long a record's replay may take, in simulated time; a slow disk takes less. */
  private static final long REPLAY_NANOS = 5_000_000_000L;

  private static final Set<Step<?, ?>> REDO =
      Set.of(
          RecoverySteps.REDO_HEAP,
          RecoverySteps.REDO_TRANSACTION,
          RecoverySteps.REDO_COMMIT_LOG,
          RecoverySteps.REDO_STANDBY,
          RecoverySteps.REDO_STORAGE,
          RecoverySteps.REDO_XLOG);

  private final StepTrace trace;
  private final List<Broken> broken = new ArrayList<>();

  /** Ends of the records of all commits and aborts, and of all changes of rows, on any node. */
  private final Set<Long> ends = new HashSet<>();

  private final Set<Long> changes = new HashSet<>();

  /** What one server has come to. */
  private static final class Server {
    boolean isPrimary;

    /** The redo point in force; -1 before the server's first checkpoint. */
    long redo = -1;

    boolean hasPruned;

    /** Whether rows, or bits of the commit log, were changed since a page of them was written. */
    boolean rowsAreDirty;

    boolean bitsAreDirty;
    long synced = -1;
    long replayed = -1;
    final Map<Xid, Taken> records = new HashMap<>();
    final Map<Xid, Taken> groups = new HashMap<>();
    final Set<Xid> set = new HashSet<>();
    Optional<Taken> redoPoint = Optional.empty();

    /** The last flush before a page of the commit log was written. */
    Optional<Taken> flush = Optional.empty();

    long lastNanos;

    /** Rounds of the WAL writer; below 0 once one has written something. */
    int idleRounds;
  }

  StoragePromises(StepTrace trace) {
    this.trace = trace;
  }

  List<Broken> broken() {
    Map<Integer, Server> servers = new HashMap<>();
    for (Taken taken : trace.taken()) {
      boolean isEnd = taken.is(CommitSteps.COMMIT_RECORD) || taken.is(CommitSteps.ABORT_RECORD);
      if (isEnd && taken.answer.isPresent()) {
        ends.add(taken.answeredLsn());
      }
      boolean isChange = taken.is(StorageSteps.HEAP_CHANGE) && taken.innerAnswer.isPresent();
      if (isChange && taken.innerAnswer.get() instanceof WalRange range) {
        changes.add(range.end().value());
      }
      Server server = servers.computeIfAbsent(taken.server, _ -> new Server());
      server.lastNanos = Math.max(server.lastNanos, taken.beganNanos);
    }
    for (Taken taken : trace.ended()) {
      Server server = servers.get(taken.server);
      if (!taken.threw) {
        checkpoints(taken, server);
        pages(taken, server);
        commitLog(taken, server);
        background(taken, server);
        hints(taken, server);
        replay(taken, server);
      }
    }
    for (Taken taken : trace.taken()) {
      boolean isStuck =
          !taken.hasEnded()
              && REDO.contains(taken.step)
              && servers.get(taken.server).lastNanos - taken.beganNanos > REPLAY_NANOS;
      if (isStuck) {
        breaks(taken, "has not ended after " + REPLAY_NANOS / 1_000_000_000L + " s");
      }
    }
    return broken;
  }

  private void breaks(Taken taken, String sentence) {
    broken.add(new Broken(taken, sentence));
  }

  /** A checkpoint writes what was changed before it. */
  private void checkpoints(Taken taken, Server server) {
    if (taken.is(StorageSteps.CHECKPOINT_REDO_POINT)) {
      server.redo = taken.answeredLsn();
      server.redoPoint = Optional.of(taken);
    } else if (taken.is(StorageSteps.CHECKPOINT_BUFFERS)) {
      String write = StorageSteps.BUFFER_WRITE.label();
      if (server.rowsAreDirty && !taken.inside.contains(write)) {
        breaks(taken, "ended without " + write + " although rows were changed");
      }
    } else if (taken.is(StorageSteps.CHECKPOINT_COMMIT_LOG)) {
      String write = CommitSteps.SLRU_WRITE.label();
      if (server.bitsAreDirty && !taken.inside.contains(write)) {
        breaks(taken, "ended without " + write + " although bits were set");
      }
      server.redoPoint.ifPresent(point -> bitsBehind(taken, point, server));
    } else if (taken.is(StorageSteps.HEAP_CHANGE) && taken.inside.contains("wal-insert")) {
      server.rowsAreDirty = true;
    } else if (taken.is(RecoverySteps.REDO_CHANGE) && taken.answer.equals(Optional.of(true))) {
      server.rowsAreDirty = true;
    } else if (taken.is(StorageSteps.BUFFER_WRITE) || taken.is(StorageSteps.RELATION_DROP)) {
      server.rowsAreDirty = false;
    } else if (taken.is(CommitSteps.COMMIT_LOG_BITS)) {
      server.bitsAreDirty = true;
    } else if (taken.is(CommitSteps.SLRU_WRITE)) {
      server.bitsAreDirty = false;
    }
  }

  /** A commit before the redo point has its bits when the commit log is written. */
  private void bitsBehind(Taken written, Taken point, Server server) {
    server.records.forEach(
        (xid, record) -> {
          if (record.ended < point.began && !server.set.contains(xid)) {
            trace.taken().stream()
                .filter(t -> t.server == written.server && t.is(CommitSteps.COMMIT_LOG_SET))
                .filter(t -> xid.equals(t.about) && t.ended > written.began)
                .findFirst()
                .ifPresent(
                    late ->
                        breaks(
                            late,
                            "ends after a checkpoint has written the commit log, whose redo point"
                                + " is behind the commit record of xid "
                                + xid));
          }
        });
  }

  /** The first change of a page behind the redo point logs its image. */
  private void pages(Taken taken, Server server) {
    if (taken.is(StorageSteps.HEAP_PRUNE) || taken.is(StorageSteps.HEAP_VACUUM)) {
      server.hasPruned = true;
    } else if (taken.is(CommitSteps.FULL_PAGE_IMAGE) && taken.answer.equals(Optional.of(false))) {
      long page = taken.lsn();
      boolean isDue = page > 0 && server.redo >= 0 && page <= server.redo;
      if (isDue && !server.hasPruned) {
        breaks(
            taken,
            "answered no for a page of %s, the redo point is %s"
                .formatted(taken.about, new Lsn(server.redo)));
      }
    }
  }

  /** The commit log is not ahead of the WAL. */
  private void commitLog(Taken taken, Server server) {
    if (taken.is(CommitSteps.COMMIT_RECORD) && taken.about instanceof Xid xid) {
      server.records.put(xid, taken);
      server.isPrimary = true;
    } else if (taken.is(CommitSteps.WAL_SYNC) || taken.is(ReplicationSteps.STANDBY_SYNC)) {
      server.synced = Math.max(server.synced, taken.lsn());
    } else if (taken.is(CommitSteps.SLRU_WAL_FLUSH)) {
      server.flush = Optional.of(taken);
    } else if (taken.is(CommitSteps.GROUP_LSN) && taken.about instanceof Xid xid) {
      server.groups.put(xid, taken);
    } else if (taken.about instanceof BitChange change) {
      server.set.add(change.xid());
    } else if (taken.is(StorageSteps.CHECKPOINT_COMMIT_LOG)
        && server.isPrimary
        && taken.inside.contains(CommitSteps.SLRU_WRITE.label())) {
      server.groups.forEach(
          (xid, group) -> {
            Taken record = server.records.get(xid);
            boolean isAhead =
                record != null
                    && server.set.contains(xid)
                    && group.ended < taken.began
                    && record.answeredLsn() > server.synced;
            if (isAhead) {
              // a flush that was asked for had its position
              breaks(
                  taken.inside.contains(CommitSteps.SLRU_WAL_FLUSH.label())
                      ? server.flush.orElse(group)
                      : group,
                  "a checkpoint has written the bits of xid %s, whose record ends at".formatted(xid)
                      + " %s, and synced is %s"
                          .formatted(new Lsn(record.answeredLsn()), new Lsn(server.synced)));
            }
          });
    }
  }

  /** The WAL writer writes; in one round it may find that another task does. */
  private void background(Taken taken, Server server) {
    if (!taken.is(CommitSteps.WAL_BACKGROUND_FLUSH) || server.idleRounds < 0) {
      return;
    }
    boolean writes =
        taken.inside.contains(CommitSteps.WAL_FLUSH.label())
            || taken.inside.contains(CommitSteps.WAL_WRITE.label());
    server.idleRounds = writes ? -1 : server.idleRounds + 1;
    if (server.idleRounds == IDLE_ROUNDS) {
      breaks(taken, "has written nothing in " + IDLE_ROUNDS + " rounds, nor flushed");
    }
  }

  /** A hint bit is not ahead of the WAL. */
  private void hints(Taken taken, Server server) {
    if (taken.is(StorageSteps.HINT_BIT_ALLOWED)
        && taken.about instanceof Xid xid
        && taken.answer.equals(Optional.of(true))
        && server.records.get(xid) != null
        && server.records.get(xid).answeredLsn() > server.synced) {
      breaks(
          taken,
          "answered yes for xid %s, whose record ends at %s, and synced is %s"
              .formatted(
                  xid, new Lsn(server.records.get(xid).answeredLsn()), new Lsn(server.synced)));
    }
  }

  /** What is replayed is done, and no more than that is reported as applied. */
  private void replay(Taken taken, Server server) {
    if (taken.is(RecoverySteps.REDO_PROGRESS)) {
      server.replayed = taken.lsn();
    } else if (taken.is(RecoverySteps.REDO_TRANSACTION)
        && ends.contains(taken.lsn())
        && !taken.inside.contains(CommitSteps.COMMIT_LOG_BITS.label())) {
      breaks(taken, "ended without " + CommitSteps.COMMIT_LOG_BITS.label());
    } else if (taken.is(RecoverySteps.REDO_HEAP)
        && changes.contains(taken.lsn())
        && !taken.inside.contains(RecoverySteps.REDO_CHANGE.label())) {
      breaks(taken, "ended without " + RecoverySteps.REDO_CHANGE.label());
    } else if (taken.is(ReplicationSteps.STANDBY_REPLY)
        && taken.about instanceof StandbyReply reply
        && server.replayed >= 0
        && reply.applied().value() > server.replayed) {
      trace.taken().stream()
          .filter(t -> t.is(ReplicationSteps.STANDBY_APPLIED) && t.task.equals(taken.task))
          .filter(t -> t.server == taken.server && t.ended < taken.began)
          .reduce((_, last) -> last)
          .ifPresent(
              said ->
                  breaks(
                      said,
                      "answered %s, replayed is %s"
                          .formatted(reply.applied(), new Lsn(server.replayed))));
    }
  }
}
