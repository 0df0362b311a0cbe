package phaistos.harness.explain;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import phaistos.checker.pages.FaultSpans;
import phaistos.harness.ClusterPlan;
import phaistos.harness.FaultPlan;
import phaistos.harness.Finding;
import phaistos.harness.JudgedRun;
import phaistos.harness.LoadScript;
import phaistos.harness.StoredRun;
import phaistos.harness.TestPlan;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.nemesis.Fault;
import phaistos.nemesis.Handle;

/**
 * Cases to begin with, the smallest first: what the evidence names and the faults around it, then
 * more and more of what the run did, in the end the run itself up to the first loss, and the whole
 * run. A smaller one may lack the violation; then the next is tried.
 */
final class FirstCases {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;

  /** Calls before an operation, of which one does what the operation did. */
  private static final int MANY = 150;

  private static final int ANCHORS_MAX = 4;

  /** So many seeds draw how some calls meet. */
  private static final int MEETINGS = 6;

  /** From this time on it may matter how long the servers have run. */
  private static final long LATE = 3 * SECOND;

  /** So many transactions come before the named one, where its place in the commit log counts. */
  private static final int XIDS_BEFORE = 9;

  /** Faults that take what a node holds. */
  private static final Set<String> TAKES =
      Set.of("kill", "crash", "failover", "switchover", "crash-all");

  private final TestPlan plan;
  private final JudgedRun run;
  private final List<Finding> wanted;
  private final boolean endsAtCrash;
  private final Map<Handle, Fault> drawn;
  private final List<LoadScript.Call> calls = new ArrayList<>();

  /** The call and the time of its completion, by the index of either event. */
  private final Map<Long, Done> done = new HashMap<>();

  private final List<Case.Timed> faults = new ArrayList<>();

  /** When each was over, also of those that end by themselves. */
  private final Map<Handle, Long> ended = new HashMap<>();

  private final long crashAt;

  /** When the nodes were down: the load goes on while the crash waits for a step. */
  private final long crashEnd;

  private record Done(LoadScript.Call call, long endNanos, OptionalLong xid) {}

  /** A violation's operation, and what took it away. */
  private record Anchor(
      LoadScript.Call call, long endNanos, long takenNanos, long crashNanos, OptionalLong xid) {}

  FirstCases(
      TestPlan plan, StoredRun stored, JudgedRun run, List<Finding> wanted, boolean atCrash) {
    this.plan = plan;
    this.run = run;
    this.wanted = wanted;
    this.endsAtCrash = atCrash;
    this.drawn = Case.drawn(stored);
    this.crashAt = crashAll().map(FaultSpans.Timed::fromNanos).orElse(run.endNanos());
    this.crashEnd = crashAll().map(FaultSpans.Timed::toNanos).orElse(run.endNanos());
    readCalls();
    readFaults();
  }

  private Optional<FaultSpans.Timed> crashAll() {
    return run.faults().stream()
        .filter(fault -> fault.span().kind().equals("crash-all"))
        .findFirst();
  }

  /** The calls of the load; those of the final reads come again by themselves. */
  private void readCalls() {
    int threads = plan.load().concurrency();
    Map<Process, Event<UntypedCall>> open = new HashMap<>();
    for (Event<UntypedCall> event : run.recording().events()) {
      if (!(event.process() instanceof Process.Client client)) {
        continue;
      }
      if (event.isInvoke()) {
        open.put(client, event);
        if (event.timeNanos() <= crashEnd) {
          calls.add(call(event, threads));
        }
      } else if (open.get(client) != null) {
        Event<UntypedCall> invoked = open.remove(client);
        Done both = new Done(call(invoked, threads), event.timeNanos(), event.details().xid());
        done.put(invoked.index(), both);
        done.put(event.index(), both);
      }
    }
  }

  private static LoadScript.Call call(Event<UntypedCall> event, int threads) {
    int thread = (int) (((Process.Client) event.process()).id() % threads);
    return new LoadScript.Call(event.timeNanos(), thread, event.call());
  }

  private void readFaults() {
    for (FaultSpans.Timed timed : run.faults()) {
      Fault fault = timed.span().handle().isEmpty() ? null : drawn.get(handle(timed));
      if (fault != null) {
        boolean ends = timed.span().to() >= 0 && fault.kind().end().isPresent();
        ended.put(handle(timed), timed.toNanos());
        faults.add(
            new Case.Timed(
                handle(timed),
                fault,
                timed.fromNanos(),
                ends ? OptionalLong.of(timed.toNanos()) : OptionalLong.empty()));
      }
    }
  }

  private long ended(Case.Timed fault) {
    return Math.max(
        fault.toNanos().orElse(fault.fromNanos() + SECOND), ended.getOrDefault(fault.handle(), 0L));
  }

  private static Handle handle(FaultSpans.Timed timed) {
    return new Handle(timed.span().handle());
  }

  /** Those with a few calls, the smallest first. */
  List<Case> small() {
    List<Anchor> anchors = anchors();
    Set<Case> cases = new LinkedHashSet<>(few(anchors));
    cases.addAll(simple(anchors));
    return List.copyOf(cases);
  }

  /** Parts of the run, the smallest first. */
  List<Case> large() {
    List<Anchor> anchors = anchors();
    List<Case> cases = new ArrayList<>();
    for (Anchor anchor : anchors) {
      Case related = related(anchor);
      cases.add(related);
      cases.addAll(otherwise(List.of(related)));
      cases.add(alone(anchor, MANY, SECOND).whenAnswered());
      cases.add(window(anchor, SECOND));
      cases.add(atStep(window(anchor, SECOND)));
    }
    if (anchors.isEmpty()) {
      cases.add(around(crashAt, 2 * SECOND, crashAt));
      cases.addAll(aroundLosses());
      cases.add(around(crashAt, 10 * SECOND, crashAt));
    }
    anchors.stream()
        .min(Comparator.comparingLong(Anchor::crashNanos))
        .ifPresent(
            first -> {
              cases.add(window(first, 4 * SECOND));
              cases.addAll(aroundLosses());
              cases.add(prefix(first.crashNanos));
            });
    cases.add(of(calls, faults, crashAt));
    cases.add(atStep(of(calls, faults, crashAt)));
    cases.add(prefix(crashAt));
    return List.copyOf(new LinkedHashSet<>(cases));
  }

  /** The operations alone, or with a few before them. */
  private List<Case> few(List<Anchor> anchors) {
    List<Case> cases = new ArrayList<>();
    for (int few : new int[] {1, 12}) {
      for (Anchor anchor : anchors) {
        Case alone = alone(anchor, few, 0);
        cases.add(alone.withFaults(List.of()).whenAnswered());
        cases.add(alone.whenAnswered());
        cases.add(alone);
        cases.add(alone(anchor, few, SECOND).whenAnswered());
      }
    }
    cases.addAll(otherwise(cases));
    for (Anchor anchor : anchors.stream().limit(2).toList()) {
      Case meeting = alone(anchor, 20, SECOND).whenAnswered();
      for (int i = 0; i < MEETINGS; i++) {
        cases.add(meeting.with(plan.seed(plan.seed() + i)));
      }
    }
    return cases;
  }

  private List<Case> simple(List<Anchor> anchors) {
    SimpleCases simple = new SimpleCases(plan, calls, endsAtCrash);
    List<LoadScript.Call> lasts = lasts(anchors);
    List<Case> cases = new ArrayList<>();
    Optional<LoadScript.Call> last = lasts.stream().reduce((_, later) -> later);
    lasts.stream().limit(2).forEach(each -> cases.addAll(simple.rows(each, 10 * MILLI)));
    last.ifPresent(each -> cases.addAll(simple.overSegment(each)));
    cases.addAll(simple.aroundFaults(faults, this::ended));
    last.ifPresent(each -> cases.addAll(simple.crashes(each)));
    last.ifPresent(each -> cases.addAll(simple.bursts(each)));
    anchors.stream().limit(2).forEach(anchor -> cases.addAll(inItsTime(anchor)));
    last.filter(each -> each.atNanos() > LATE)
        .ifPresent(each -> cases.addAll(simple.rows(each, each.atNanos())));
    anchors.stream()
        .filter(anchor -> anchor.xid.orElse(0) > XIDS_BEFORE + 2)
        .findFirst()
        .ifPresent(
            anchor -> {
              ClusterPlan near = plan.cluster().withFirstXid(anchor.xid.getAsLong() - XIDS_BEFORE);
              SimpleCases ids = new SimpleCases(plan.cluster(near), withIds(), endsAtCrash);
              cases.addAll(ids.aroundFaults(faults, this::ended));
              cases.addAll(ids.rows(anchor.call, 10 * MILLI));
            });
    return cases;
  }

  /** The calls whose transactions have ids. */
  private List<LoadScript.Call> withIds() {
    Set<LoadScript.Call> some = new HashSet<>();
    done.values().stream()
        .filter(both -> both.xid.isPresent())
        .forEach(both -> some.add(both.call));
    return calls.stream().filter(some::contains).toList();
  }

  /** Everything around some of the faults that take what a node holds. */
  private List<Case> aroundLosses() {
    Map<String, Case> cases = new LinkedHashMap<>();
    for (Case.Timed fault : faults) {
      if (TAKES.contains(fault.fault().kind().name())) {
        long until = Math.min(crashAt, ended(fault) + SECOND);
        cases.putIfAbsent(Case.word(fault), around(fault.fromNanos(), SECOND, until));
      }
    }
    return List.copyOf(cases.values());
  }

  /**
   * The first operation that the violation names, the last, and one between; the first that each
   * other one names.
   */
  private List<Anchor> anchors() {
    List<Done> named = named(wanted.getFirst());
    Set<Done> chosen = new LinkedHashSet<>();
    if (!named.isEmpty()) {
      chosen.add(named.getFirst());
      chosen.add(named.get(named.size() / 2));
      chosen.add(named.getLast());
    }
    for (Finding other : wanted.subList(1, wanted.size())) {
      if (chosen.size() < ANCHORS_MAX) {
        named(other).stream().limit(1).forEach(chosen::add);
      }
    }
    return chosen.stream().map(this::anchor).toList();
  }

  private List<Done> named(Finding finding) {
    return finding.events().stream()
        .map(done::get)
        .filter(both -> both != null && both.call.atNanos() <= crashEnd)
        .sorted(Comparator.comparingLong(Done::endNanos))
        .toList();
  }

  /**
   * Calls of which each stands for its kind: those that the violation names, or the last ones
   * before the crash.
   */
  private List<LoadScript.Call> lasts(List<Anchor> anchors) {
    Map<Edn, LoadScript.Call> lasts = new LinkedHashMap<>();
    if (anchors.isEmpty()) {
      calls.stream()
          .filter(call -> call.atNanos() <= crashAt)
          .forEach(call -> lasts.put(call.call().f(), call));
    } else {
      anchors.forEach(anchor -> lasts.put(anchor.call.call().f(), anchor.call));
    }
    return List.copyOf(lasts.values());
  }

  private Anchor anchor(Done both) {
    for (FaultSpans.Timed fault : run.faults()) {
      String kind = fault.span().kind();
      if (TAKES.contains(kind) && fault.toNanos() >= both.endNanos && !kind.equals("crash-all")) {
        long end = Math.min(crashAt, fault.toNanos() + 300 * MILLI);
        return new Anchor(both.call, both.endNanos, Math.max(fault.fromNanos(), 0), end, both.xid);
      }
    }
    return new Anchor(both.call, both.endNanos, crashAt, crashAt, both.xid);
  }

  /** What may depend on how long the servers run. */
  private List<Case> inItsTime(Anchor anchor) {
    List<Case> cases = new ArrayList<>();
    for (int few : new int[] {1, 12, 40}) {
      Case alone = alone(anchor, few, 0).withFaults(List.of());
      long idle = anchor.call.atNanos() - alone.calls().orElseThrow().getLast().atNanos();
      cases.add(alone.later(idle).whenAnswered());
    }
    return cases;
  }

  /** Those with several calls and another seed: it draws how these meet. */
  private List<Case> otherwise(List<Case> cases) {
    List<Case> others = new ArrayList<>();
    for (Case each : cases) {
      if (each.callCount() > 1) {
        others.add(each.with(each.plan().seed(each.plan().seed() + 1)));
      }
    }
    return others;
  }

  /** The calls about what the operation is about, up to its end, and the faults around it. */
  private Case related(Anchor anchor) {
    Set<Edn> keys = Calls.keys(anchor.call.call());
    List<LoadScript.Call> some =
        calls.stream()
            .filter(call -> call.atNanos() <= anchor.endNanos)
            .filter(call -> !Collections.disjoint(Calls.keys(call.call()), keys))
            .toList();
    List<LoadScript.Call> last = some.subList(Math.max(0, some.size() - MANY), some.size());
    long from = last.isEmpty() ? anchor.call.atNanos() : last.getFirst().atNanos();
    return around(from, SECOND / 10, anchor.crashNanos)
        .withCalls(Calls.later(last, SECOND / 10 - from));
  }

  /** With a crash as the seed draws it, if it did so in the run. */
  private Case atStep(Case other) {
    return plan.faults() instanceof FaultPlan.Swarm ? other.atStep() : other;
  }

  /**
   * The operation with a few before it, the faults at that time, and what took it away.
   *
   * @param justBefore faults count that ended so long before the operation
   */
  private Case alone(Anchor anchor, int count, long justBefore) {
    List<LoadScript.Call> before =
        calls.stream().filter(call -> call.atNanos() <= anchor.call.atNanos()).toList();
    List<LoadScript.Call> few =
        new ArrayList<>(before.subList(Math.max(0, before.size() - count), before.size()));
    if (count > 1) {
      calls.stream()
          .filter(c -> c.atNanos() > anchor.call.atNanos() && c.atNanos() <= anchor.endNanos)
          .limit(count)
          .forEach(few::add);
    }
    long from = few.getFirst().atNanos() - 700 * MILLI;
    List<Case.Timed> some = new ArrayList<>();
    for (Case.Timed fault : faults) {
      boolean isUnderWay =
          fault.fromNanos() <= anchor.endNanos && ended(fault) >= anchor.endNanos - justBefore;
      if (isUnderWay || fault.fromNanos() == anchor.takenNanos) {
        some.add(fault);
        boolean isEarlier = justBefore > 0 && fault.fromNanos() < from;
        from = isEarlier ? fault.fromNanos() - 100 * MILLI : from;
      }
    }
    long until = Math.max(anchor.crashNanos, anchor.endNanos);
    return shifted(from, few, some, until, anchor.endNanos);
  }

  /** Everything from a while before the operation until it was taken away. */
  private Case window(Anchor anchor, long before) {
    return around(anchor.call.atNanos(), before, anchor.crashNanos);
  }

  private Case around(long at, long before, long until) {
    long from = at - before;
    long last = until == crashAt ? crashEnd : until;
    List<LoadScript.Call> some =
        calls.stream().filter(c -> c.atNanos() >= from && c.atNanos() <= last).toList();
    List<Case.Timed> around =
        faults.stream()
            .filter(f -> f.fromNanos() <= until && f.toNanos().orElse(f.fromNanos()) >= from)
            .toList();
    return shifted(from, some, around, until, Long.MAX_VALUE);
  }

  /** With an earlier beginning; what begins before it, begins then. */
  private Case shifted(
      long from, List<LoadScript.Call> some, List<Case.Timed> around, long until, long closeAfter) {
    // what comes long after the operation comes soon after it
    long later = around.stream().mapToLong(Case.Timed::fromNanos).max().orElse(until);
    long gap = Math.min(later, until) - closeAfter;
    long cut = closeAfter < Long.MAX_VALUE && gap > SECOND ? gap - SECOND / 2 : 0;
    List<LoadScript.Call> moved = Calls.later(some, -from);
    List<Case.Timed> movedFaults = new ArrayList<>();
    for (Case.Timed fault : around) {
      long shift = from + (fault.fromNanos() > closeAfter ? cut : 0);
      long begin = Math.max(MILLI, fault.fromNanos() - shift);
      OptionalLong end = OptionalLong.empty();
      if (fault.toNanos().isPresent()) {
        long to = fault.toNanos().getAsLong();
        end = OptionalLong.of(Math.max(begin + MILLI, to - from - (to > closeAfter ? cut : 0)));
      }
      movedFaults.add(fault.at(begin, end));
    }
    return of(moved, movedFaults, Math.max(2 * MILLI, until - from - cut));
  }

  private Case of(List<LoadScript.Call> some, List<Case.Timed> around, long crash) {
    return new Case(plan, Optional.of(some), Optional.of(around), crash, false, false, endsAtCrash);
  }

  /** The very run, but for an earlier end. */
  private Case prefix(long crash) {
    boolean atStep = plan.faults() instanceof FaultPlan.Swarm;
    return new Case(plan, Optional.empty(), Optional.empty(), crash, false, atStep, endsAtCrash);
  }

  /** The calls and faults of a run that has the violation. */
  Case scripted(Case from) {
    return from.calls().isPresent()
        ? from
        : of(
            calls.stream().filter(call -> call.atNanos() <= from.crashAtNanos()).toList(),
            faults.stream().filter(f -> f.fromNanos() <= from.crashAtNanos()).toList(),
            from.crashAtNanos());
  }
}
