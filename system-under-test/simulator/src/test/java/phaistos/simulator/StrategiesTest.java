package phaistos.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import phaistos.environment.Task;

/** The strategies by which the scheduler picks. */
class StrategiesTest {
  private static List<Integer> race(SimulatedWorld world) {
    var tasks = world.environment().tasks();
    ReentrantLock lock = new ReentrantLock();
    List<Integer> order = new ArrayList<>();
    List<Task> started = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int number = i;
      started.add(
          tasks.spawn(
              "racer-" + number,
              () -> {
                for (int round = 0; round < 10; round++) {
                  tasks.sleep(1000L * (number % 3));
                  lock.lock();
                  try {
                    tasks.yieldPoint();
                    order.add(number);
                  } finally {
                    lock.unlock();
                  }
                }
              }));
    }
    started.forEach(Task::join);
    return order;
  }

  private static SimulationResult<List<Integer>> run(SchedulingStrategy strategy, long seed) {
    return Simulation.run(
        SimulationOptions.seed(seed).withStrategy(strategy), StrategiesTest::race);
  }

  @ParameterizedTest
  @EnumSource
  void aSeedHasOneScheduleAndNoTaskStarves(SchedulingStrategy strategy) {
    Set<List<Integer>> orders = new HashSet<>();
    for (long seed = 1; seed <= 20; seed++) {
      var first = run(strategy, seed);
      assertEquals(first, run(strategy, seed), "seed=" + seed);
      assertEquals(80, first.valueOrThrow().size(), "seed=" + seed);
      orders.add(first.valueOrThrow());
    }
    assertTrue(orders.size() > 10, strategy + ": " + orders.size() + " orders of 20 seeds");
  }

  @Test
  void theStrategiesDiffer() {
    Set<Long> hashes = new HashSet<>();
    for (SchedulingStrategy strategy : SchedulingStrategy.values()) {
      hashes.add(run(strategy, 3).traceHash());
    }
    assertEquals(SchedulingStrategy.values().length, hashes.size());
    assertNotEquals(
        run(SchedulingStrategy.PCT, 1).traceHash(), run(SchedulingStrategy.PCT, 2).traceHash());
  }
}
