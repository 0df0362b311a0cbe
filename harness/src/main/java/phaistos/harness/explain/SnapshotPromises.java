package phaistos.harness.explain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.formats.Xid;
import phaistos.harness.explain.Promises.Broken;
import phaistos.harness.explain.StepTrace.Taken;
import phaistos.server.steps.BitChange;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.xact.Snapshot;

/**
 * Promises of snapshots: a transaction that has left the process array does not run, and one that
 * has an id and has not left it does. Goes through the steps of each server in the order of their
 * ends.
 */
final class SnapshotPromises {
  private final StepTrace trace;
  private final List<Broken> broken = new ArrayList<>();

  /** Where a transaction leaves the process array, by server and id. */
  private final Map<String, Taken> ends = new HashMap<>();

  /** The end of a transaction, and what snapshots after it say. */
  private static final class Ended {
    /** So many snapshots that say that it is over settle it. */
    static final int SETTLED = 500;

    final Taken end;

    /** The first that says that it runs. */
    Optional<Taken> running = Optional.empty();

    int saidRunning;
    int saidOver;

    /** When the first of those began that say that it is over. */
    int overSince = Integer.MAX_VALUE;

    Ended(Taken end) {
      this.end = end;
    }

    void seen(Taken snapshot, boolean isRunning) {
      if (isRunning) {
        running = running.or(() -> Optional.of(snapshot));
        saidRunning++;
      } else {
        overSince = Math.min(overSince, snapshot.began);
        saidOver++;
      }
    }

    boolean isSettled() {
      return running.isEmpty() && saidOver >= SETTLED;
    }
  }

  /** A transaction that has an id, and what snapshots say of it until its end. */
  private static final class Running {
    Optional<Taken> record = Optional.empty();
    Optional<Taken> wait = Optional.empty();

    /** The first snapshot that does not say that it runs. */
    Optional<Taken> hidden = Optional.empty();

    int shownAfter;

    void seen(Taken snapshot, boolean isRunning) {
      if (!isRunning) {
        hidden = hidden.or(() -> Optional.of(snapshot));
      } else if (hidden.isPresent()) {
        shownAfter++;
      }
    }
  }

  /** What one server has come to. */
  private static final class Server {
    final Map<Long, Ended> ended = new HashMap<>();
    final Map<Xid, Running> running = new LinkedHashMap<>();
    final Map<String, Set<Xid>> children = new HashMap<>();

    /** Of the primary's transactions, those whose end was not replayed. */
    final Map<Xid, Running> replayed = new LinkedHashMap<>();

    final Set<Xid> over = new HashSet<>();
  }

  SnapshotPromises(StepTrace trace) {
    this.trace = trace;
    for (Taken taken : trace.taken()) {
      boolean isEnd =
          taken.is(CommitSteps.PROC_ARRAY_END) || taken.is(CommitSteps.SUBTRANSACTION_END);
      if (isEnd && taken.about instanceof Xid xid) {
        ends.putIfAbsent(taken.server + "/" + xid, taken);
      }
    }
  }

  List<Broken> broken() {
    Map<Integer, Server> servers = new HashMap<>();
    List<Taken> byEnd = new ArrayList<>(trace.taken());
    byEnd.removeIf(taken -> !taken.hasEnded() && !taken.is(CommitSteps.SYNC_REP_WAIT));
    // a wait counts from its beginning
    byEnd.sort(
        Comparator.comparingInt(
            taken -> taken.is(CommitSteps.SYNC_REP_WAIT) ? taken.began : taken.ended));
    for (Taken taken : byEnd) {
      Server server = servers.computeIfAbsent(taken.server, _ -> new Server());
      if (!taken.threw || taken.is(CommitSteps.SYNC_REP_WAIT)) {
        transactions(taken, server);
        replay(taken, server);
        if (taken.is(CommitSteps.SNAPSHOT_TAKE)
            && taken.answer.isPresent()
            && taken.answer.get() instanceof Snapshot snapshot
            && snapshot.overflowed().isEmpty()) {
          snapshot(taken, snapshot, server);
        }
      }
    }
    for (Server server : servers.values()) {
      judgeSnapshots(server);
      server.running.forEach((xid, each) -> judge(xid, each, Optional.empty()));
    }
    return broken;
  }

  private void breaks(Taken taken, String sentence) {
    broken.add(new Broken(taken, sentence));
  }

  private void transactions(Taken taken, Server server) {
    if (taken.is(CommitSteps.SYNC_REP_WAIT)) {
      server.running.values().stream()
          .filter(each -> each.record.filter(r -> r.task.equals(taken.task)).isPresent())
          .forEach(each -> each.wait = Optional.of(taken));
      return;
    }
    if (!(taken.about instanceof Xid xid) || !xid.isValid()) {
      return;
    }
    if (taken.is(CommitSteps.XID_ASSIGN)) {
      server.running.put(xid, new Running());
    } else if (taken.is(CommitSteps.SUBTRANS_SET)) {
      server.children.computeIfAbsent(taken.task, _ -> new HashSet<>()).add(xid);
    } else if (taken.is(CommitSteps.COMMIT_RECORD) && server.running.containsKey(xid)) {
      server.running.get(xid).record = Optional.of(taken);
    } else if (taken.is(CommitSteps.PROC_ARRAY_END)) {
      Running running = server.running.remove(xid);
      if (running != null) {
        judge(xid, running, Optional.of(taken));
      }
      server.running.keySet().removeAll(server.children.getOrDefault(taken.task, Set.of()));
      server.children.remove(taken.task);
      server.ended.put(Integer.toUnsignedLong(xid.value()), new Ended(taken));
    }
  }

  /** A standby's transactions are the primary's, from their first record to the end of theirs. */
  private void replay(Taken taken, Server server) {
    if (taken.is(RecoverySteps.XID_SEEN) && taken.about instanceof Xid xid) {
      if (!server.over.contains(xid)) {
        server.replayed.computeIfAbsent(xid, _ -> new Running());
      }
    } else if (taken.about instanceof BitChange change) {
      server.over.add(change.xid());
      Running running = server.replayed.remove(change.xid());
      if (running != null && running.hidden.filter(s -> s.ended < taken.began).isPresent()) {
        breaks(
            running.hidden.get(),
            "does not say that xid %s runs, whose end is replayed later".formatted(change.xid()));
      }
    }
  }

  private void snapshot(Taken taken, Snapshot snapshot, Server server) {
    for (Ended each : server.ended.values()) {
      if (each.end.ended < taken.began) {
        each.seen(taken, snapshot.isRunning((Xid) each.end.about));
      }
    }
    server.ended.values().removeIf(Ended::isSettled);
    server.running.forEach(
        (xid, each) -> {
          Taken end = ends.get(taken.server + "/" + xid);
          boolean isOver = end != null && end.began < taken.ended;
          if (!isOver && xid.precedes(snapshot.xmax())) {
            each.seen(taken, snapshot.isRunning(xid));
          }
        });
    server.replayed.forEach(
        (xid, each) -> {
          if (xid.precedes(snapshot.xmax())) {
            each.seen(taken, snapshot.isRunning(xid));
          }
        });
  }

  /**
   * If no snapshot after some moment behind its record says that it runs, it has left the process
   * array too early; else the first snapshot is wrong that does not say so.
   */
  private void judge(Xid xid, Running running, Optional<Taken> end) {
    if (running.hidden.isEmpty()) {
      return;
    }
    Taken hidden = running.hidden.get();
    boolean isCommitting =
        running.shownAfter == 0 && running.record.filter(r -> r.ended < hidden.began).isPresent();
    Optional<Taken> wait = running.wait.filter(w -> isCommitting && w.began < hidden.began);
    Optional<Taken> early = wait.or(() -> end.filter(_ -> isCommitting));
    if (early.isPresent()) {
      breaks(
          early.get(), "a snapshot says already that xid %s does not run any more".formatted(xid));
    } else {
      breaks(hidden, "does not say that xid %s runs, which has not ended".formatted(xid));
    }
  }

  /**
   * If the first snapshots after a transaction's end all say that it runs, its end did not work;
   * else the snapshot is wrong that says so.
   */
  private void judgeSnapshots(Server server) {
    for (Ended each : server.ended.values()) {
      if (each.running.isPresent()) {
        Taken first = each.running.get();
        boolean isLate = each.overSince > first.began;
        Taken culprit = isLate && each.saidRunning > 1 ? each.end : first;
        breaks(
            culprit,
            "a snapshot says that xid %s runs, which has left the process array before"
                .formatted(each.end.about));
      }
    }
  }
}
