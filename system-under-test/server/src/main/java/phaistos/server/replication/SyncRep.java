package phaistos.server.replication;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import phaistos.environment.Clock;
import phaistos.environment.Tasks;
import phaistos.formats.Lsn;
import phaistos.server.replication.WalSenderSlot.State;
import phaistos.server.settings.StandbyNames;
import phaistos.server.settings.StandbyNames.Method;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.Steps;
import phaistos.server.xact.CommitLevel;
import phaistos.server.xact.Proc;

/**
 * Commits that wait for standbys (syncrep.c), and the walsenders whose standbys release them.
 *
 * <p>There is a queue for each of write, flush and apply, ordered by LSN. A standby's reply moves
 * its walsender's positions. The synced position is the lowest of the chosen standbys (FIRST n) or
 * the n-th highest (ANY n); it releases all waiters up to it. Fewer standbys than required release
 * no waiter. Thread-safe.
 */
public final class SyncRep {
  private static final String UNREPLICATED =
      "The transaction has already committed locally, but might not have been replicated to the"
          + " standby.";

  /** Which of a standby's positions a commit waits for. */
  private enum Mode {
    WRITE,
    FLUSH,
    APPLY
  }

  /** Sends a warning to the client. */
  @FunctionalInterface
  public interface Warnings {
    void warn(String sqlState, String message, String detail);
  }

  private static final class Waiter {
    final Proc proc;
    final Lsn lsn;
    volatile boolean released;
    volatile long releasedAt;

    Waiter(Proc proc, Lsn lsn) {
      this.proc = proc;
      this.lsn = lsn;
    }
  }

  private final Tasks tasks;
  private final Clock clock;
  private final Consumer<String> log;
  private final Steps steps;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<WalSenderSlot> slots = new ArrayList<>();
  private final List<List<Waiter>> queues = new ArrayList<>();
  private final Lsn[] settled = new Lsn[Mode.values().length];
  private volatile StandbyNames names;

  /**
   * @param log takes lines of severity LOG
   */
  public SyncRep(Tasks tasks, Clock clock, StandbyNames names, Consumer<String> log, Steps steps) {
    this.clock = clock;
    this.steps = steps;
    this.tasks = tasks;
    this.names = names;
    this.log = log;
    Arrays.fill(settled, Lsn.INVALID);
    for (int i = 0; i < Mode.values().length; i++) {
      queues.add(new ArrayList<>());
    }
  }

  /**
   * Waits until enough standbys have the commit (SyncRepWaitForLSN). The commit has already
   * happened locally. A cancelled wait ends with a warning and counts as success. A terminated
   * session gets a warning and keeps {@link Proc#isDiePending}, so that it ends without an answer.
   */
  public void await(Proc proc, Lsn commit, CommitLevel level, Warnings warnings) {
    if (names.isEmpty() || !level.waitsForStandby()) {
      return;
    }
    tasks.yieldPoint();
    Mode mode =
        Mode.valueOf(
            steps.answer(ReplicationSteps.SYNC_REP_MODE, mode(level).name(), mode(level)::name));
    Waiter waiter = new Waiter(proc, commit);
    lock.lock();
    try {
      if (names.isEmpty() || commit.compareTo(settled[mode.ordinal()]) <= 0) {
        return;
      }
      enqueue(queues.get(mode.ordinal()), waiter);
    } finally {
      lock.unlock();
    }
    proc.waitLsn(commit);
    proc.waitEvent("IPC/SyncRep");
    try {
      waitForRelease(waiter, mode, warnings);
    } finally {
      proc.waitEvent("");
      proc.waitLsn(Lsn.INVALID);
    }
  }

  private void waitForRelease(Waiter waiter, Mode mode, Warnings warnings) {
    Proc proc = waiter.proc;
    while (true) {
      proc.latch().reset();
      if (waiter.released) {
        proc.woken("Wakeup/SyncRep", waiter.releasedAt);
        return;
      }
      if (proc.isDiePending()) {
        leave(waiter, mode);
        warn(
            warnings,
            proc,
            "57P01",
            "canceling the wait for synchronous replication and terminating connection due to"
                + " administrator command");
        return;
      }
      if (proc.isCancelPending()) {
        proc.clearCancel();
        leave(waiter, mode);
        warn(
            warnings,
            proc,
            "01000",
            "canceling wait for synchronous replication due to user request");
        return;
      }
      proc.latch().await();
    }
  }

  private void warn(Warnings warnings, Proc proc, String sqlState, String message) {
    steps.step(
        ReplicationSteps.SYNC_REP_WARNING,
        proc.pid(),
        () -> warnings.warn(sqlState, message, UNREPLICATED));
  }

  private static Mode mode(CommitLevel level) {
    return switch (level) {
      case REMOTE_WRITE -> Mode.WRITE;
      case ON -> Mode.FLUSH;
      case REMOTE_APPLY -> Mode.APPLY;
      case OFF, LOCAL -> throw new IllegalArgumentException("no wait: level=" + level);
    };
  }

  /** Usually the last place: commits arrive nearly in the order of their LSNs. */
  private static void enqueue(List<Waiter> queue, Waiter waiter) {
    int at = queue.size();
    while (at > 0 && queue.get(at - 1).lsn.compareTo(waiter.lsn) > 0) {
      at--;
    }
    queue.add(at, waiter);
  }

  private void leave(Waiter waiter, Mode mode) {
    lock.lock();
    try {
      queues.get(mode.ordinal()).remove(waiter);
    } finally {
      lock.unlock();
    }
  }

  /** Applies a new value of synchronous_standby_names; an empty one releases all waiters. */
  public void setNames(StandbyNames changed) {
    lock.lock();
    try {
      names = changed;
      for (WalSenderSlot slot : slots) {
        slot.priority = changed.priority(slot.applicationName);
        slot.announced = false;
      }
      if (changed.isEmpty()) {
        for (List<Waiter> queue : queues) {
          releaseUpTo(queue, new Lsn(-1));
        }
      } else {
        release();
      }
    } finally {
      lock.unlock();
    }
  }

  public StandbyNames names() {
    return names;
  }

  /** A standby has connected. */
  public void add(WalSenderSlot slot) {
    lock.lock();
    try {
      slot.priority = names.priority(slot.applicationName);
      slots.add(slot);
    } finally {
      lock.unlock();
    }
  }

  /** A standby's connection has ended. */
  public void remove(WalSenderSlot slot) {
    lock.lock();
    try {
      slots.remove(slot);
    } finally {
      lock.unlock();
    }
  }

  public int walSenderCount() {
    lock.lock();
    try {
      return slots.size();
    } finally {
      lock.unlock();
    }
  }

  void state(WalSenderSlot slot, State state) {
    lock.lock();
    try {
      slot.state = state;
      release();
    } finally {
      lock.unlock();
    }
  }

  /** WAL up to {@code limit} is about to be sent. */
  void sends(WalSenderSlot slot, Lsn limit) {
    lock.lock();
    try {
      slot.lag.sample(limit, clock.monotonicNanos() / 1000);
    } finally {
      lock.unlock();
    }
  }

  void sent(WalSenderSlot slot, Lsn sent) {
    lock.lock();
    try {
      slot.sent = sent;
    } finally {
      lock.unlock();
    }
  }

  /** A standby status update: the positions after the last byte written, flushed, applied. */
  void reply(WalSenderSlot slot, Lsn write, Lsn flush, Lsn apply, Instant time) {
    tasks.yieldPoint();
    lock.lock();
    try {
      slot.reply(write, flush, apply, clock.monotonicNanos() / 1000);
      slot.replyTime = Optional.of(time);
      release();
    } finally {
      lock.unlock();
    }
  }

  /** What pg_stat_replication shows. */
  public List<WalSenderSlot.Row> rows() {
    lock.lock();
    try {
      List<WalSenderSlot> chosen = chosen();
      List<WalSenderSlot.Row> rows = new ArrayList<>();
      for (WalSenderSlot slot : slots) {
        rows.add(slot.row(syncState(slot, chosen)));
      }
      return rows;
    } finally {
      lock.unlock();
    }
  }

  private String syncState(WalSenderSlot slot, List<WalSenderSlot> chosen) {
    if (slot.priority == 0) {
      return "async";
    }
    if (names.method() == Method.ANY) {
      return "quorum";
    }
    return chosen.contains(slot) ? "sync" : "potential";
  }

  /** The standbys that may release waiters now. Under the lock. */
  private List<WalSenderSlot> chosen() {
    List<WalSenderSlot> candidates = new ArrayList<>();
    for (WalSenderSlot slot : slots) {
      if (steps.answer(ReplicationSteps.SYNC_REP_CANDIDATE, slot.applicationName, slot::counts)) {
        candidates.add(slot);
      }
    }
    if (names.method() == Method.FIRST && candidates.size() > names.count()) {
      candidates.sort(Comparator.comparingInt(slot -> slot.priority));
      return candidates.subList(0, names.count());
    }
    return candidates;
  }

  /**
   * Releases the waiters that the standbys' positions allow (SyncRepReleaseWaiters). The caller
   * holds the lock.
   */
  private void release() {
    if (names.isEmpty()) {
      return;
    }
    List<WalSenderSlot> chosen = chosen();
    announce(chosen);
    int needed = steps.answer(ReplicationSteps.SYNC_REP_NEEDED, names.count(), () -> names.count());
    if (chosen.size() < needed) {
      return;
    }
    settle(Mode.WRITE, chosen, needed, slot -> slot.write);
    settle(Mode.FLUSH, chosen, needed, slot -> slot.flush);
    settle(Mode.APPLY, chosen, needed, slot -> slot.apply);
  }

  private void settle(
      Mode mode, List<WalSenderSlot> chosen, int needed, Function<WalSenderSlot, Lsn> position) {
    Lsn reached =
        steps.answer(
            ReplicationSteps.SYNC_REP_POSITION,
            mode.name(),
            () -> nthHighest(chosen, needed, position));
    if (reached.compareTo(settled[mode.ordinal()]) > 0) {
      settled[mode.ordinal()] = reached;
      steps.step(
          ReplicationSteps.SYNC_REP_RELEASE,
          reached,
          () -> releaseUpTo(queues.get(mode.ordinal()), reached));
    }
  }

  private static Lsn nthHighest(
      List<WalSenderSlot> chosen, int needed, Function<WalSenderSlot, Lsn> position) {
    List<Lsn> positions = new ArrayList<>();
    for (WalSenderSlot slot : chosen) {
      positions.add(position.apply(slot));
    }
    positions.sort(Comparator.reverseOrder());
    return positions.get(needed - 1);
  }

  private void releaseUpTo(List<Waiter> queue, Lsn reached) {
    long now = queue.isEmpty() ? 0 : clock.monotonicNanos();
    int count = 0;
    while (count < queue.size() && queue.get(count).lsn.compareTo(reached) <= 0) {
      Waiter waiter = queue.get(count++);
      waiter.releasedAt = now;
      waiter.released = true;
      waiter.proc.latch().set();
    }
    queue.subList(0, count).clear();
  }

  private void announce(List<WalSenderSlot> chosen) {
    for (WalSenderSlot slot : chosen) {
      if (!slot.announced) {
        slot.announced = true;
        log.accept(
            names.method() == Method.ANY
                ? "standby \"%s\" is now a candidate for quorum synchronous standby"
                    .formatted(slot.applicationName)
                : "standby \"%s\" is now a synchronous standby with priority %d"
                    .formatted(slot.applicationName, slot.priority));
      }
    }
  }
}
