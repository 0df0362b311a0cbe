package phaistos.harness.run;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Capability;
import phaistos.harness.FaultPlan;
import phaistos.harness.TestPlan;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Handle;
import phaistos.nemesis.Schedule;
import phaistos.nemesis.Swarm;
import phaistos.nemesis.Trigger;

/**
 * The faults of a run's load and its end.
 *
 * @param usual the faults up to the usual crash
 * @param all the same, and those of a load that goes on
 * @param crashAt when all nodes crash, if the goals are met by then, in nanoseconds since the start
 * @param boundAt when they crash at the latest
 */
record LoadSchedule(Schedule usual, Schedule all, long crashAt, long boundAt) {
  private static final long SECOND = 1_000_000_000L;

  /** How much longer a load in real time may last until its faults have had their effects. */
  private static final long REAL_TIME_MORE = 300 * SECOND;

  /**
   * Faults that are drawn go on with the load, if it must go on; a schedule that was given does
   * not. In real time the load goes on until all of a given schedule has fired.
   *
   * @param capabilities of the cluster
   */
  static LoadSchedule of(TestPlan plan, Seed seed, Capabilities capabilities) {
    LoadSchedule drawn = drawn(plan, seed, capabilities);
    return plan.load()
        .script()
        .map(
            script ->
                new LoadSchedule(
                    drawn.usual, drawn.all, script.crashAtNanos(), script.crashAtNanos()))
        .orElse(drawn);
  }

  private static LoadSchedule drawn(TestPlan plan, Seed seed, Capabilities capabilities) {
    long limit = plan.load().timeLimit().toNanos();
    long crashAt = limit - seed.child("crash-all").drawLong(Math.max(1, limit / 6));
    boolean isSimulated = plan.deployment().isSimulated();
    int inSwarm = isSimulated ? 8 : 4;
    int longest = plan.faults() instanceof FaultPlan.Swarm ? inSwarm : 2;
    long boundAt = plan.load().budget().map(b -> b.toNanos()).orElse(longest * limit);
    boolean isBounded = isSimulated || plan.load().budget().isPresent();
    long longBound = Math.max(boundAt, isBounded ? crashAt : limit + REAL_TIME_MORE);
    return switch (plan.faults()) {
      case FaultPlan.Drawn(List<String> names) -> {
        Seed own = seed.child("schedule");
        Schedule usual = Ending.usual(Schedule.Plan.usual(crashAt), names, own, crashAt);
        yield isSimulated
            ? goingOn(
                usual,
                names.stream().filter(usual.kinds()::contains).toList(),
                own,
                crashAt,
                longBound)
            : inRealTime(usual, names, own, crashAt, longBound);
      }
      case FaultPlan.Swarm(List<String> names) -> {
        Seed own = seed.child("swarm");
        boolean hasSteps = capabilities.has(Capability.STEPS);
        Schedule drawn =
            Swarm.draw(own, names, plan.cluster().requiredStandbys(), hasSteps, crashAt);
        Schedule usual =
            Ending.cut(drawn, plan.cluster(), capabilities, own.child("last"), crashAt);
        if (isSimulated) {
          // a gap as long as the load leaves it without any
          Collection<String> kinds = usual.kinds().isEmpty() ? names : usual.kinds();
          yield goingOn(usual, kinds, own, crashAt, longBound);
        }
        Schedule taken = Ending.takenOver(usual, names, own.child("taken-over"), crashAt);
        yield goingOn(taken, taken.kinds(), own, crashAt, longBound).chained();
      }
      case FaultPlan.Given given -> {
        long bound = isSimulated ? crashAt : limit + REAL_TIME_MORE;
        yield new LoadSchedule(given.schedule(), given.schedule(), crashAt, bound);
      }
    };
  }

  /** Faults one after the other, however long each takes, until the load ends. */
  private static LoadSchedule inRealTime(
      Schedule usual, Collection<String> kinds, Seed seed, long crashAt, long boundAt) {
    Schedule longer = Schedule.draw(seed, kinds, Schedule.Plan.usual(boundAt));
    List<Schedule.Entry> all = new ArrayList<>(longer.entries());
    usual.entries().stream().filter(entry -> isLast(entry.act().handle())).forEach(all::add);
    all.addAll(lastHealed(usual, crashAt));
    return new LoadSchedule(usual, new Schedule(all), crashAt, boundAt).chained();
  }

  /** When a load that has gone on so long has no more faults, if these are what keeps it. */
  long calmAt() {
    return boundAt - calmNanos();
  }

  /** How long it goes on after that: beyond the bound, if its nemesis was busy for so long. */
  long calmNanos() {
    return (boundAt - crashAt) / 2;
  }

  private LoadSchedule chained() {
    return new LoadSchedule(
        usual.chained(handle -> !isLast(handle)),
        all.chained(handle -> !isLast(handle)),
        crashAt,
        boundAt);
  }

  /** Whether the primary is lost shortly before the usual crash. */
  boolean hasTakeOver() {
    return usual.entries().stream().anyMatch(e -> e.act().handle().equals(Ending.TAKE_OVER));
  }

  private static boolean isLast(Handle handle) {
    return handle.name().startsWith(Ending.LAST);
  }

  private static LoadSchedule goingOn(
      Schedule usual, Collection<String> kinds, Seed seed, long crashAt, long boundAt) {
    List<Schedule.Entry> all = new ArrayList<>(usual.entries());
    all.addAll(more(usual, kinds, seed.child("more"), crashAt, boundAt));
    return new LoadSchedule(usual, new Schedule(all), crashAt, boundAt);
  }

  /** The faults after the usual crash, of the same kinds; the last cut is healed first. */
  private static List<Schedule.Entry> more(
      Schedule usual, Collection<String> kinds, Seed seed, long crashAt, long boundAt) {
    List<Schedule.Entry> more = new ArrayList<>(lastHealed(usual, crashAt));
    for (Schedule.Entry entry :
        Schedule.draw(seed, kinds, Schedule.Plan.usual(boundAt - crashAt)).entries()) {
      if (entry.trigger() instanceof Trigger.At(long nanos)) {
        more.add(new Schedule.Entry(new Trigger.At(nanos + crashAt), renamed(entry.act())));
      }
    }
    return more;
  }

  /** The ends of what would otherwise last until the crash. */
  private static List<Schedule.Entry> lastHealed(Schedule usual, long crashAt) {
    List<Schedule.Entry> ends = new ArrayList<>();
    for (Schedule.Entry entry : usual.entries()) {
      if (entry.act() instanceof Schedule.Begin(Handle handle, var fault)
          && isLast(handle)
          && fault.kind().end().isPresent()) {
        Trigger when =
            handle.equals(Ending.SLOW)
                ? new Trigger.After(Ending.TAKE_OVER, 20 * SECOND)
                : new Trigger.At(crashAt + SECOND);
        String end = fault.kind().end().orElseThrow();
        ends.add(new Schedule.Entry(when, new Schedule.End(handle, end)));
      }
    }
    return ends;
  }

  private static Schedule.Act renamed(Schedule.Act act) {
    Handle handle = new Handle("more-" + act.handle().name());
    return switch (act) {
      case Schedule.Begin(Handle _, var fault) -> new Schedule.Begin(handle, fault);
      case Schedule.End(Handle _, String function) -> new Schedule.End(handle, function);
    };
  }
}
