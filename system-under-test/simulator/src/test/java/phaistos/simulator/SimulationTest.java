package phaistos.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.environment.Environment;
import phaistos.environment.Latch;
import phaistos.environment.Task;

@Timeout(300)
class SimulationTest {
  private static final long SECOND = 1_000_000_000L;

  private static <T> SimulationResult<T> run(long seed, Simulation.Body<T> body) {
    return Simulation.run(SimulationOptions.seed(seed), body);
  }

  @Test
  void clockJumpsToTheNextTimerWhenNothingCanRun() {
    long real = System.nanoTime();
    var result =
        run(
            1,
            world -> {
              Environment environment = world.environment();
              long before = environment.clock().monotonicNanos();
              environment.tasks().sleep(3600 * SECOND);
              return environment.clock().monotonicNanos() - before;
            });
    long slept = result.valueOrThrow();
    assertTrue(slept >= 3600 * SECOND && slept < 3601 * SECOND, "slept=" + slept);
    assertTrue(System.nanoTime() - real < 10 * SECOND);
  }

  /** Ten tasks append their number under a lock, with yield points between. */
  private static List<Integer> race(SimulatedWorld world) {
    Environment environment = world.environment();
    ReentrantLock lock = new ReentrantLock();
    List<Integer> order = new ArrayList<>();
    List<Task> tasks = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int number = i;
      tasks.add(
          environment
              .tasks()
              .spawn(
                  "racer-" + number,
                  () -> {
                    for (int round = 0; round < 20; round++) {
                      environment.tasks().yieldPoint();
                      lock.lock();
                      try {
                        environment.tasks().yieldPoint();
                        order.add(number);
                      } finally {
                        lock.unlock();
                      }
                    }
                  }));
    }
    tasks.forEach(Task::join);
    return order;
  }

  @Test
  void sameSeedGivesTheSameScheduleAndOtherSeedsOthers() {
    Set<List<Integer>> orders = new HashSet<>();
    Set<Long> hashes = new HashSet<>();
    for (long seed = 1; seed <= 20; seed++) {
      var first = run(seed, SimulationTest::race);
      var second = run(seed, SimulationTest::race);
      assertEquals(first.valueOrThrow(), second.valueOrThrow());
      assertEquals(first, second, "seed=" + seed);
      orders.add(first.valueOrThrow());
      hashes.add(first.traceHash());
    }
    assertEquals(20, orders.size());
    assertEquals(20, hashes.size());
  }

  @Test
  void latchWaitsUntilSetOrUntilItsLimit() {
    var result =
        run(
            2,
            world -> {
              Environment environment = world.environment();
              Latch latch = environment.tasks().newLatch();
              boolean early = latch.await(SECOND);
              environment
                  .tasks()
                  .spawn(
                      "setter",
                      () -> {
                        environment.tasks().sleep(SECOND);
                        latch.set();
                      });
              latch.await();
              return List.of(early, latch.await(0), environment.clock().monotonicNanos() / SECOND);
            });
    assertEquals(List.of(false, true, 2L), result.valueOrThrow());
  }

  @Test
  void deadlockIsAVerdictWithTheStacksOfTheWaitingTasks() {
    var result =
        run(
            3,
            world -> {
              Environment environment = world.environment();
              ReentrantLock lock = new ReentrantLock();
              environment
                  .tasks()
                  .spawn(
                      "holder",
                      () -> {
                        lock.lock();
                        environment.tasks().newLatch().await();
                      });
              environment.tasks().sleep(SECOND);
              lock.lock();
              return 1;
            });
    Breakage.Deadlock deadlock =
        assertInstanceOf(Breakage.Deadlock.class, result.breakage().orElseThrow());
    assertTrue(deadlock.tasks().contains("control/holder"), deadlock.tasks());
    assertTrue(deadlock.tasks().contains("control/root"), deadlock.tasks());
    assertTrue(deadlock.tasks().contains("ReentrantLock.lock"), deadlock.tasks());
    assertTrue(deadlock.tasks().contains("SimulatedLatch.await"), deadlock.tasks());
  }

  @Test
  void runThatNeverEndsIsOutOfTime() {
    var result =
        Simulation.run(
            SimulationOptions.seed(4).withLimit(Duration.ofSeconds(10)),
            world -> {
              while (true) {
                world.environment().tasks().sleep(SECOND);
              }
            });
    assertInstanceOf(Breakage.OutOfTime.class, result.breakage().orElseThrow());
    var spinning =
        Simulation.run(
            SimulationOptions.seed(4).withLimit(Duration.ofMillis(10)),
            world -> {
              while (true) {
                world.environment().clock().monotonicNanos();
              }
            });
    assertInstanceOf(Breakage.OutOfTime.class, spinning.breakage().orElseThrow());
  }

  @Test
  void watchdogNamesTheStackOfAStepThatNeverEnds() {
    boolean[] enough = new boolean[1];
    var result =
        Simulation.run(
            SimulationOptions.seed(5).withStepLimit(Duration.ofMillis(200)),
            _ -> {
              spin(enough);
              return 1;
            });
    Breakage.Stuck stuck = assertInstanceOf(Breakage.Stuck.class, result.breakage().orElseThrow());
    assertTrue(stuck.stacks().contains("SimulationTest.spin"), stuck.stacks());
    enough[0] = true;
  }

  private static void spin(boolean[] enough) {
    while (!enough[0]) {
      // Volatile access on the way, so that the loop sees the end of the test.
      Thread.onSpinWait();
      java.lang.invoke.VarHandle.fullFence();
    }
  }

  @Test
  void portCallFromAThreadOutsideBreaksTheRun() {
    var result =
        run(
            6,
            world -> {
              Environment environment = world.environment();
              Thread foreign =
                  Thread.ofPlatform()
                      .unstarted(
                          () -> {
                            try {
                              environment.clock().wallClock();
                            } catch (IllegalStateException _) {
                              // What the run reports is looked at below.
                            }
                          });
              foreign.start();
              while (foreign.isAlive()) {
                Thread.onSpinWait();
              }
              environment.tasks().sleep(SECOND);
              return 1;
            });
    Breakage.RuleBroken broken =
        assertInstanceOf(Breakage.RuleBroken.class, result.breakage().orElseThrow());
    assertTrue(broken.text().contains("clock.wall"), broken.text());
    assertTrue(broken.text().contains("portCallFromAThreadOutside"), broken.text());
  }

  @Test
  void timedWaitOnRealTimeBreaksTheRun() {
    var result =
        run(
            7,
            world -> {
              world.environment().tasks().spawn("parker", () -> LockSupport.parkNanos(50_000_000));
              while (true) {
                world.environment().tasks().sleep(SECOND / 1000);
              }
            });
    Breakage.RuleBroken broken =
        assertInstanceOf(Breakage.RuleBroken.class, result.breakage().orElseThrow());
    assertTrue(broken.text().contains("control/parker"), broken.text());
  }

  @Test
  void contendedMonitorBreaksTheRun() {
    var result =
        run(
            8,
            world -> {
              Environment environment = world.environment();
              Object monitor = new Object();
              for (int i = 0; i < 2; i++) {
                environment
                    .tasks()
                    .spawn(
                        "owner-" + i,
                        () -> {
                          synchronized (monitor) {
                            environment.tasks().sleep(SECOND);
                          }
                        });
              }
              while (true) {
                environment.tasks().sleep(SECOND / 1000);
              }
            });
    Breakage.RuleBroken broken =
        assertInstanceOf(Breakage.RuleBroken.class, result.breakage().orElseThrow());
    assertTrue(broken.text().contains("control/owner-"), broken.text());
  }

  @Test
  void exceptionOfTheRootBodyIsTheOutcome() {
    var result =
        run(
            9,
            _ -> {
              throw new java.io.IOException("on purpose");
            });
    Breakage.Failed failed =
        assertInstanceOf(Breakage.Failed.class, result.breakage().orElseThrow());
    assertEquals("on purpose", failed.cause().getMessage());
  }

  @Test
  void escapedExceptionEndsItsMachineAndIsReported() {
    var result =
        run(
            10,
            world -> {
              SimulatedMachine machine = world.machine("n1");
              Environment node = machine.start();
              boolean[] survived = new boolean[1];
              node.tasks()
                  .spawn(
                      "other",
                      () -> {
                        node.tasks().sleep(SECOND);
                        survived[0] = true;
                      });
              node.tasks()
                  .spawn(
                      "broken",
                      () -> {
                        throw new IllegalStateException("on purpose");
                      });
              world.environment().tasks().sleep(2 * SECOND);
              return List.of(machine.isRunning(), survived[0]);
            });
    assertEquals(List.of(false, false), result.valueOrThrow());
    assertEquals("broken", result.failures().getFirst().task());
    assertEquals("on purpose", result.failures().getFirst().cause().getMessage());
  }

  @Test
  void tasksOfAKilledProcessAreNeverResumedAndItsFinallyDoesNotRun() {
    var result =
        run(
            11,
            world -> {
              SimulatedMachine machine = world.machine("n1");
              Environment node = machine.start();
              List<String> seen = new ArrayList<>();
              node.tasks()
                  .spawn(
                      "worker",
                      () -> {
                        try {
                          seen.add("begun");
                          node.tasks().sleep(SECOND);
                          seen.add("resumed");
                        } finally {
                          seen.add("finally");
                        }
                      });
              world.environment().tasks().sleep(SECOND / 2);
              machine.kill();
              world.environment().tasks().sleep(2 * SECOND);
              machine.start();
              return seen;
            });
    assertEquals(List.of("begun"), result.valueOrThrow());
  }

  @Test
  void pausedProcessStandsStillAndGoesOnWhenResumed() {
    var result =
        run(
            12,
            world -> {
              SimulatedMachine machine = world.machine("n1");
              Environment node = machine.start();
              int[] count = new int[1];
              node.tasks()
                  .spawn(
                      "counter",
                      () -> {
                        while (true) {
                          node.tasks().sleep(SECOND / 10);
                          count[0]++;
                        }
                      });
              Environment control = world.environment();
              control.tasks().sleep(SECOND);
              machine.pause();
              int atPause = count[0];
              control.tasks().sleep(5 * SECOND);
              int afterPause = count[0];
              machine.resume();
              control.tasks().sleep(SECOND);
              return List.of(atPause > 5, afterPause - atPause, count[0] - afterPause > 5);
            });
    assertEquals(List.of(true, 0, true), result.valueOrThrow());
  }

  @Test
  void wallClockMayBeWrongWhileTheMonotonicClockStaysRight() {
    var result =
        run(
            13,
            world -> {
              SimulatedMachine machine = world.machine("n1");
              Environment node = machine.start();
              long[] seen = new long[2];
              machine.setWallClockOffset(Duration.ofHours(-1));
              node.tasks()
                  .spawn(
                      "reader",
                      () -> {
                        seen[0] = node.clock().wallClock().getEpochSecond();
                        seen[1] = node.clock().monotonicNanos();
                      })
                  .join();
              return List.of(
                  world.environment().clock().wallClock().getEpochSecond() - seen[0],
                  seen[1] < SECOND);
            });
    assertEquals(List.of(3600L, true), result.valueOrThrow());
  }

  @Test
  void drawsOfOneComponentDoNotChangeAnother() {
    Simulation.Body<Long> plain = world -> world.environment().randomness().child("a").nextLong();
    Simulation.Body<Long> disturbed =
        world -> {
          world.environment().randomness().nextLong();
          return world.environment().randomness().child("a").nextLong();
        };
    assertEquals(run(14, plain).valueOrThrow(), run(14, disturbed).valueOrThrow());
    assertNotEquals(run(14, plain).traceHash(), run(14, disturbed).traceHash());
  }
}
