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
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.StandbyReply;
import phaistos.server.steps.StorageSteps;

/** Promises between steps: each goes through the steps of one server in the order of their ends. */
final class LongPromises {
  private final StepTrace trace;
  private final List<Broken> broken = new ArrayList<>();

  /** What one server has come to. */
  private static final class Server {
    /** Up to where it has synced WAL, as a primary or as a standby; -1 while unknown. */
    long synced = -1;

    /** Whether it flushes WAL, which no server in recovery does: all that it replays is there. */
    boolean flushes;

    /** The highest positions that any standby has reported to anybody, by mode. */
    long flushReported;

    Optional<Taken> seenLast = Optional.empty();
    Optional<Xid> seen = Optional.empty();

    /** The session's subtransactions that have an id and were not undone, by task. */
    final Map<String, Set<Long>> children = new HashMap<>();
  }

  /** Nodes that ask how many standbys must have a commit. */
  private final Set<String> asking = new HashSet<>();

  LongPromises(StepTrace trace) {
    this.trace = trace;
    for (Taken taken : trace.taken()) {
      if (taken.is(ReplicationSteps.SYNC_REP_NEEDED)) {
        asking.add(taken.node);
      }
    }
  }

  List<Broken> broken() {
    Map<Integer, Server> servers = new HashMap<>();
    long reported = 0;
    for (Taken taken : trace.ended()) {
      Server server = servers.computeIfAbsent(taken.server, _ -> new Server());
      if (taken.threw) {
        continue;
      }
      if (taken.is(ReplicationSteps.STANDBY_REPLY) && taken.about instanceof StandbyReply reply) {
        reported = Math.max(reported, reply.flushed().value());
      }
      server.flushReported = reported;
      wal(taken, server);
      walBeforeData(taken, server);
      waits(taken, server);
      subtransactions(taken, server);
      ids(taken, server);
    }
    return broken;
  }

  private void breaks(Taken taken, String sentence) {
    broken.add(new Broken(taken, sentence));
  }

  /** Nobody says that WAL is durable, or sends it as durable, before it is. */
  private void wal(Taken taken, Server server) {
    if (taken.is(ReplicationSteps.RECEIVER_START)) {
      server.synced = Math.max(server.synced, taken.answeredLsn());
    } else if (taken.is(CommitSteps.WAL_SYNC) || taken.is(ReplicationSteps.STANDBY_SYNC)) {
      server.synced = Math.max(server.synced, taken.lsn());
    } else if (taken.is(ReplicationSteps.STANDBY_POSITION) && server.synced >= 0) {
      long answered = taken.answeredLsn();
      if (answered > server.synced) {
        breaks(
            taken,
            "reports %s as flushed, synced is %s"
                .formatted(new Lsn(answered), new Lsn(server.synced)));
      }
    } else if (taken.is(ReplicationSteps.WAL_SENDER_LIMIT)
        && server.synced >= 0
        && server.flushes) {
      long answered = taken.answeredLsn();
      if (answered > server.synced && taken.inside.isEmpty() && answered == taken.lsn()) {
        breaks(
            taken,
            "lets %s be sent, synced is %s".formatted(new Lsn(answered), new Lsn(server.synced)));
      }
    }
  }

  /** WAL is flushed before a page that it has changed is written. */
  private void walBeforeData(Taken taken, Server server) {
    if (taken.is(CommitSteps.WAL_FLUSH)) {
      server.flushes = true;
    } else if ((taken.is(CommitSteps.SLRU_WAL_FLUSH) || taken.is(StorageSteps.BUFFER_WAL_FLUSH))
        && server.flushes
        && !taken.inside.contains(CommitSteps.WAL_FLUSH.label())) {
      breaks(taken, "ended without " + CommitSteps.WAL_FLUSH.label());
    }
  }

  /** A wait ends when standbys have reported that far. */
  private void waits(Taken taken, Server server) {
    if (taken.is(CommitSteps.SYNC_REP_WAIT)
        && !taken.inside.contains(ReplicationSteps.SYNC_REP_MODE.label())
        && asking.contains(taken.node)) {
      breaks(taken, "ended without a place in the queue of those who wait");
    }
    if (taken.is(ReplicationSteps.SYNC_REP_POSITION) && "FLUSH".equals(taken.about)) {
      long answered = taken.answeredLsn();
      if (Long.compareUnsigned(answered, server.flushReported) > 0) {
        breaks(
            taken,
            "settles %s, no standby has reported more than %s"
                .formatted(new Lsn(answered), new Lsn(server.flushReported)));
      }
    }
  }

  /** A commit has the subtransactions that were not undone, and no others. */
  private void subtransactions(Taken taken, Server server) {
    Set<Long> children = server.children.computeIfAbsent(taken.task, _ -> new HashSet<>());
    if (taken.is(CommitSteps.SUBTRANS_SET) && taken.about instanceof Xid xid) {
      children.add(number(xid));
    } else if (taken.is(CommitSteps.SUBTRANSACTION_END) && taken.about instanceof Xid xid) {
      children.remove(number(xid));
    } else if (taken.is(CommitSteps.PROC_ARRAY_END)) {
      children.clear();
    } else if (taken.is(CommitSteps.COMMIT_SUBXIDS)
        && taken.answer.isPresent()
        && taken.answer.get() instanceof List<?> answered) {
      Set<Long> said = new HashSet<>();
      answered.forEach(each -> said.add(number((Xid) each)));
      if (said.size() > children.size() || said.isEmpty() && !children.isEmpty()) {
        breaks(
            taken,
            "names %d subtransactions, the transaction has %d"
                .formatted(said.size(), children.size()));
      }
    }
  }

  /** An id that replay has seen is not given out again, and is behind the next one. */
  private void ids(Taken taken, Server server) {
    if (taken.is(RecoverySteps.XID_SEEN) && taken.about instanceof Xid xid) {
      boolean isNext = xid.isNormal() && server.seen.filter(xid::precedes).isEmpty();
      server.seen = isNext ? Optional.of(xid) : server.seen;
      server.seenLast = Optional.of(taken);
    } else if (taken.is(CommitSteps.XID_ASSIGN) && taken.about instanceof Xid xid) {
      long given = number(xid);
      boolean isOld = server.seen.filter(seen -> !seen.precedes(xid)).isPresent();
      if (isOld && xid.isNormal()) {
        breaks(
            server.seenLast.orElseThrow(),
            "replay has seen xid %s, and %d is given out after it"
                .formatted(server.seen.get(), given));
      }
    } else if (taken.is(CommitSteps.COMMIT_LOG_TRIM_FROM)
        && taken.about instanceof Xid next
        && server.seen.filter(seen -> !seen.precedes(next)).isPresent()) {
      breaks(
          server.seenLast.orElseThrow(),
          "replay has seen xid %s, and the next one is %s when recovery ends"
              .formatted(server.seen.get(), next));
    }
  }

  private static long number(Xid xid) {
    return xid.value() & 0xFFFFFFFFL;
  }
}
