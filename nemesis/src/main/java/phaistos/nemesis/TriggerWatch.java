package phaistos.nemesis;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ServerSteps;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;

/**
 * Knows which triggers of a schedule have fired. It learns this from the events of the run. For
 * other triggers a task of its own asks the cluster. Only the interpreter's task calls {@link
 * #heard} and {@link #dueAt}; any task may call the rest.
 */
final class TriggerWatch {
  /** How often the cluster is asked, and the generator checks for fired triggers. */
  static final long POLL_NANOS = 20_000_000L;

  /** How long a server is held at a step for the nemesis to act. */
  private static final long HOLD_NANOS_MAX = 1_000_000_000L;

  private final Cluster cluster;
  private final Operator operator;
  private final List<Trigger> polled;
  private final long untilNanos;

  /** The triggers that have fired; never iterated. */
  private final Set<Trigger> fired = ConcurrentHashMap.newKeySet();

  private final Map<Handle, Long> begunNanos = new ConcurrentHashMap<>();

  /** The entries that wait for a step, with their watches; asked at each call, never iterated. */
  private final Map<Schedule.Entry, ServerSteps.Watch> steps = new IdentityHashMap<>();

  /** Acts that have begun and whose result has not been seen yet. */
  private final Set<UntypedCall> underWay = new HashSet<>();

  private final List<Schedule.Entry> entries;
  private final Map<NodeId, Integer> linesBefore = new TreeMap<>();
  private volatile boolean stopped;
  private volatile long startNanos;
  private long operations;

  /** The load ended soon after its last call. */
  private long lastCallNanos;

  private long lastActNanos;

  private long xidMax;
  private long lsnMax;

  TriggerWatch(Cluster cluster, Operator operator, Schedule schedule, long untilNanos) {
    this.cluster = cluster;
    this.operator = operator;
    this.untilNanos = untilNanos;
    this.entries = schedule.entries();
    polled =
        schedule.entries().stream()
            .map(Schedule.Entry::trigger)
            .filter(TriggerWatch::isPolled)
            .distinct()
            .toList();
  }

  private static boolean isPolled(Trigger trigger) {
    return switch (trigger) {
      case Trigger.At _,
          Trigger.After _,
          Trigger.Operations _,
          Trigger.Xid _,
          Trigger.Step _,
          Trigger.Message _ ->
          false;
      case Trigger.LogLine _, Trigger.Lsn _ -> true;
    };
  }

  /** The load begins now. */
  void start() {
    startNanos = cluster.control().clock().monotonicNanos();
    for (Schedule.Entry entry : entries) {
      switch (entry.trigger()) {
        case Trigger.Step(String name, Optional<NodeId> node, long count) ->
            steps.put(entry, watch(name, node, count));
        case Trigger.Message(String kind, Optional<NodeId> node, long count) ->
            steps.put(entry, watch(Trigger.messageStep(kind), node, count));
        case Trigger.At _,
            Trigger.After _,
            Trigger.Operations _,
            Trigger.Xid _,
            Trigger.LogLine _,
            Trigger.Lsn _ -> {}
      }
    }
    if (polled.isEmpty()) {
      return;
    }
    cluster.nodes().forEach(node -> linesBefore.put(node, cluster.log(node).size()));
    long deadline = startNanos + untilNanos;
    cluster.control().tasks().spawn("triggers", () -> poll(deadline));
  }

  private ServerSteps.Watch watch(String step, Optional<NodeId> node, long count) {
    return cluster
        .require(cluster.steps(), Capability.STEPS)
        .watch(step, node, count, HOLD_NANOS_MAX);
  }

  void stop() {
    stopped = true;
    entries.stream().filter(steps::containsKey).map(steps::get).forEach(ServerSteps.Watch::release);
  }

  private void poll(long deadline) {
    while (!stopped
        && !fired.containsAll(polled)
        && cluster.control().clock().monotonicNanos() < deadline) {
      for (Trigger trigger : polled) {
        if (!fired.contains(trigger) && hasComeToPass(trigger)) {
          fired.add(trigger);
        }
      }
      cluster.control().tasks().sleep(POLL_NANOS);
    }
  }

  private boolean hasComeToPass(Trigger trigger) {
    return switch (trigger) {
      case Trigger.LogLine line -> count(line) >= line.count();
      case Trigger.Lsn(long lsn) -> {
        OptionalLong written = operator.positions().current(cluster.primary());
        yield written.isPresent() && Long.compareUnsigned(written.getAsLong(), lsn) >= 0;
      }
      case Trigger.At _,
          Trigger.After _,
          Trigger.Operations _,
          Trigger.Xid _,
          Trigger.Step _,
          Trigger.Message _ ->
          false;
    };
  }

  private long count(Trigger.LogLine line) {
    long count = 0;
    for (NodeId node : line.node().map(List::of).orElseGet(cluster::nodes)) {
      List<String> log = cluster.log(node);
      int before = Math.min(linesBefore.getOrDefault(node, 0), log.size());
      count +=
          log.subList(before, log.size()).stream().filter(l -> l.contains(line.text())).count();
    }
    return count;
  }

  /** Notes that a fault begins about now; {@link #heard} corrects the time. */
  void begins(Handle handle) {
    begunNanos.putIfAbsent(handle, cluster.control().clock().monotonicNanos() - startNanos);
  }

  /** An event of the run; what comes after the faults makes none of them late. */
  void heard(Event<UntypedCall> event) {
    if (stopped) {
      return;
    }
    if (event.isClient()) {
      if (event.isInvoke()) {
        lastCallNanos = event.timeNanos();
      } else {
        operations++;
        xidMax = Math.max(xidMax, event.details().xid().orElse(0));
        long lsn = event.details().lsn().orElse(0);
        lsnMax = Long.compareUnsigned(lsn, lsnMax) > 0 ? lsn : lsnMax;
      }
    } else if (event.call().value() instanceof Edn.Table value
        && value.get("handle") instanceof Edn.Text(String name)) {
      heard(event.call().f(), new Handle(name), event.timeNanos());
    }
  }

  /** Called first for the act itself, then for its result. */
  private void heard(Edn function, Handle handle, long nanos) {
    UntypedCall act = new UntypedCall(function, Edn.of(handle.name()));
    if (Faults.find(act.name()).isPresent()) {
      begunNanos.put(handle, nanos);
    }
    if (!underWay.remove(act)) {
      underWay.add(act);
      lastActNanos = nanos;
      return;
    }
    for (Schedule.Entry entry : entries) {
      if (steps.containsKey(entry)
          && entry.act().handle().equals(handle)
          && Schedule.call(entry.act()).f().equals(function)) {
        steps.get(entry).release();
      }
    }
  }

  /**
   * The time at which an entry became due or will be due, in nanoseconds since the start of the
   * run. Empty if it is not known yet.
   */
  OptionalLong dueAt(Schedule.Entry entry, long nowNanos) {
    if (entry.act() instanceof Schedule.End(Handle handle, String _)
        && !begunNanos.containsKey(handle)) {
      return OptionalLong.empty();
    }
    return switch (entry.trigger()) {
      case Trigger.At(long nanos) -> OptionalLong.of(nanos);
      case Trigger.After(Handle handle, long nanos) -> {
        Long begun = begunNanos.get(handle);
        yield begun == null ? OptionalLong.empty() : OptionalLong.of(begun + nanos);
      }
      case Trigger.Operations(long count) -> now(operations >= count, nowNanos);
      case Trigger.Xid(long xid) -> now(xidMax >= xid, nowNanos);
      case Trigger.Lsn lsn ->
          now(Long.compareUnsigned(lsnMax, lsn.lsn()) >= 0 || fired.contains(lsn), nowNanos);
      case Trigger.LogLine _ -> now(fired.contains(entry.trigger()), nowNanos);
      case Trigger.Step _, Trigger.Message _ -> now(steps.get(entry).isReached(), nowNanos);
    };
  }

  private static OptionalLong now(boolean hasFired, long nowNanos) {
    return hasFired ? OptionalLong.of(nowNanos) : OptionalLong.empty();
  }

  /** Whether an entry may become due without an event of the run. */
  boolean isWatched(Schedule.Entry entry) {
    return isPolled(entry.trigger()) || steps.containsKey(entry);
  }

  /** The faults of the schedule that have not begun, of those whose time has come. */
  List<Handle> notBegun() {
    List<Handle> notBegun = new ArrayList<>();
    for (Schedule.Entry entry : entries) {
      if (entry.act() instanceof Schedule.Begin(Handle handle, Fault _)
          && !begunNanos.containsKey(handle)
          && !isLater(entry.trigger())) {
        notBegun.add(handle);
      }
    }
    return notBegun;
  }

  /** Whether a trigger's time had not come when the load ended. */
  private boolean isLater(Trigger trigger) {
    return switch (trigger) {
      case Trigger.At(long nanos) -> nanos > lastCallNanos;
      case Trigger.After(Handle handle, long nanos) -> {
        Long begun = begunNanos.get(handle);
        // what became due during the last act had no turn after it
        yield begun == null ? isLater(beginOf(handle)) : begun + nanos > lastActNanos;
      }
      case Trigger.Operations _,
          Trigger.Xid _,
          Trigger.Lsn _,
          Trigger.LogLine _,
          Trigger.Step _,
          Trigger.Message _ ->
          false;
    };
  }

  private Trigger beginOf(Handle handle) {
    return entries.stream()
        .filter(
            entry -> entry.act() instanceof Schedule.Begin(Handle h, Fault _) && h.equals(handle))
        .findFirst()
        .orElseThrow()
        .trigger();
  }
}
