package phaistos.nemesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static phaistos.nemesis.InventedCluster.N1;
import static phaistos.nemesis.InventedCluster.N2;
import static phaistos.nemesis.SomeFaults.plain;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;
import phaistos.histories.generators.Rehearsal;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Schedule.Begin;
import phaistos.nemesis.Schedule.End;
import phaistos.nemesis.Schedule.Entry;

/** When entries fire: a client completes an operation every 100 ns, the nemesis takes 50. */
@Timeout(300)
class TriggersTest {
  private static final UntypedCall WRITE = new UntypedCall(Edn.keyword("write"), Edn.NIL);
  private static final long UNTIL = 100_000;

  @TempDir private Path folder;
  private InventedCluster cluster;

  @BeforeEach
  void start() {
    cluster = InventedCluster.in(folder);
  }

  private static Entry kill(Trigger trigger, String handle) {
    return new Entry(
        trigger, new Begin(new Handle(handle), plain(ProcessFaults.KILL, NodeSpec.ONE, 1)));
  }

  private static Entry restart(Trigger trigger, String handle) {
    return new Entry(trigger, new End(new Handle(handle), "restart"));
  }

  private TriggerWatch watch(Schedule schedule, long untilNanos) {
    return new TriggerWatch(cluster, new Operator(cluster, 1, 1), schedule, untilNanos);
  }

  /** "600 kill a": the acts of the nemesis with their times. */
  private String acts(UnaryOperator<Details.Builder> details, Entry... entries) {
    Schedule schedule = new Schedule(List.of(entries));
    TriggerWatch watch = watch(schedule, UNTIL);
    Generator<UntypedCall> load =
        Generators.clients(Generators.limit(100, Generators.repeat(Generators.call(WRITE))));
    List<String> acts = new ArrayList<>();
    int[] done = new int[1];
    Rehearsal.run(
        Generators.any(
            load, Generators.nemesis(new ScheduledFaults(watch, schedule.entries(), UNTIL))),
        1,
        new Seed(1),
        invocation -> {
          watch.heard(invocation);
          long time = invocation.timeNanos();
          Event<UntypedCall> end;
          if (invocation.isClient()) {
            Details.Builder known = details.apply(Details.builder().xid(700 + ++done[0]));
            end =
                new Event.Ok<>(
                    -1, time + 100, invocation.process(), invocation.call(), known.build());
          } else {
            Edn.Table value = (Edn.Table) invocation.call().value();
            acts.add(time + " " + invocation.call().name() + " " + handle(value));
            end =
                new Event.Info<>(
                    -1, time + 50, invocation.process(), invocation.call(), Details.NONE);
          }
          watch.heard(end);
          return end;
        });
    assertEquals(
        schedule.entries().stream().filter(e -> e.act() instanceof Begin).count() - begun(acts),
        watch.notBegun().size());
    return String.join(", ", acts);
  }

  private static long begun(List<String> acts) {
    return acts.stream().filter(act -> act.contains("kill")).count();
  }

  private static String handle(Edn.Table value) {
    return ((Edn.Text) value.get("handle")).value();
  }

  @Test
  void entriesFireAtTheirTimesAndLateOnesRightAfterTheOldestFirst() {
    assertEquals(
        "100 kill b, 150 kill c, 200 restart b, 500 kill a",
        acts(
            UnaryOperator.identity(),
            kill(new Trigger.At(500), "a"),
            kill(new Trigger.At(100), "b"),
            restart(new Trigger.At(130), "b"),
            kill(new Trigger.At(120), "c")));
  }

  @Test
  void countsOfOperationsAndXidsAndLsnsFire() {
    // an answer is told of when the operation begins, so the first one counts at once
    assertEquals(
        "400 kill a, 600 kill b",
        acts(
            UnaryOperator.identity(),
            kill(new Trigger.Operations(5), "a"),
            kill(new Trigger.Xid(707), "b")));
    assertEquals(
        "0 kill a",
        acts(
            known -> known.lsn(0x5000),
            kill(new Trigger.Lsn(0x5000), "a"),
            kill(new Trigger.Lsn(0x5001), "b")));
  }

  @Test
  void aFaultEndsSoLongAfterItHasBegun() {
    assertEquals(
        "400 kill a, 750 restart a",
        acts(
            UnaryOperator.identity(),
            kill(new Trigger.Operations(5), "a"),
            restart(new Trigger.After(new Handle("a"), 300), "a")));
  }

  @Test
  void whatNeverComesToPassNeverFiresNorDoesItsEnd() {
    assertEquals(
        "800 kill b",
        acts(
            UnaryOperator.identity(),
            kill(new Trigger.Operations(500), "a"),
            restart(new Trigger.At(10), "a"),
            kill(new Trigger.At(800), "b")));
  }

  @Test
  void aLogLineAndAnLsnOfTheServerFireByAskingTheCluster() throws Exception {
    cluster.logs.put(N1, new CopyOnWriteArrayList<>(List.of("redo starts at 0/1")));
    cluster.logs.put(N2, new CopyOnWriteArrayList<>());
    Entry first = kill(new Trigger.LogLine("redo starts", Optional.empty(), 2), "a");
    Entry second = kill(new Trigger.Lsn(2_000), "b");
    long until = Duration.ofSeconds(20).toNanos();
    TriggerWatch watch = watch(new Schedule(List.of(first, second)), until);
    Generator<UntypedCall> generator =
        Generators.nemesis(new ScheduledFaults(watch, List.of(first, second), until));
    watch.start();
    Context now = Context.start(1, new Seed(1)).withTime(5);
    assertEquals(
        "Pending", generator.next(now).getClass().getSimpleName(), "what was logged before");
    cluster.logs.get(N2).add("redo starts at 0/2");
    cluster.logs.get(N1).add("redo starts at 0/3");
    assertEquals("a", awaitHandle(generator, now));
    cluster.position.put(N1, 2_000L);
    Generator<UntypedCall> rest =
        Generators.nemesis(new ScheduledFaults(watch, List.of(second), until));
    assertEquals("b", awaitHandle(rest, now));
    watch.stop();
  }

  private String awaitHandle(Generator<UntypedCall> generator, Context now) {
    while (true) {
      if (generator.next(now) instanceof Generator.Step.Emit<UntypedCall> emit
          && emit.act() instanceof phaistos.histories.generators.Act.Call<UntypedCall> call) {
        return handle((Edn.Table) call.call().value());
      }
      cluster.control().tasks().sleep(1_000_000);
    }
  }
}
