package phaistos.server.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import phaistos.environment.Latch;
import phaistos.environment.Task;
import phaistos.environment.Tasks;
import phaistos.server.errors.CriticalSections;
import phaistos.server.errors.PgError;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/** Commits of many tasks over a log that is two numbers, with and without a WAL writer. */
class GroupFlushTest {
  private static final int COMMITS = 20;

  /** A log whose flush takes a while, and which one task may flush at a time. */
  private static final class Log {
    final Tasks tasks;
    final CriticalSections critical = new CriticalSections(_ -> {});
    final GroupFlush group;
    final Random random;
    long inserted;
    long flushed;
    int flushes;
    int byWriter;
    boolean flushing;
    boolean ended;
    int failAt = Integer.MAX_VALUE;

    Log(SimulatedWorld world, long seed) {
      tasks = world.environment().tasks();
      group = new GroupFlush(tasks, critical);
      random = new Random(seed);
    }

    void commit() {
      tasks.yieldPoint();
      long mine = ++inserted;
      while (flushed < mine) {
        tasks.yieldPoint();
        if (!group.beginOrAwait(mine, mine % 50 == 0)) {
          critical.check();
          continue;
        }
        if (flushed >= mine) {
          group.end(flushed);
          return;
        }
        flush();
      }
    }

    private void flush() {
      boolean done = false;
      try {
        critical.run("flushing", this::write);
        done = true;
      } finally {
        flushing = false;
        group.end(done ? flushed : -1);
      }
    }

    private void write() {
      assertTrue(!flushing, "two flushes at a time");
      flushing = true;
      long end = inserted;
      tasks.sleep(1 + random.nextInt(1000));
      if (++flushes == failAt) {
        throw new IllegalStateException("the disk fails");
      }
      flushed = end;
    }

    void writer() {
      Latch latch = tasks.newLatch();
      while (!ended) {
        latch.reset();
        group.offer(latch::set);
        latch.await(5000);
        while (group.take()) {
          byWriter++;
          flush();
        }
        if (random.nextBoolean()) {
          commit(); // it may wait as others do
        }
      }
    }
  }

  private static Log run(long seed, int clients, boolean hasWriter, int failAt) {
    return Simulation.run(
            SimulationOptions.seed(seed),
            world -> {
              Log log = new Log(world, seed);
              log.failAt = failAt;
              Task writer =
                  log.tasks.spawn("writer", hasWriter ? () -> untilPanic(log::writer) : () -> {});
              List<Task> all = new ArrayList<>();
              for (int i = 0; i < clients; i++) {
                all.add(
                    log.tasks.spawn(
                        "client " + i,
                        () ->
                            untilPanic(
                                () -> {
                                  for (int n = 0; n < COMMITS; n++) {
                                    log.commit();
                                  }
                                })));
              }
              all.forEach(Task::join);
              log.ended = true;
              writer.join();
              return log;
            })
        .valueOrThrow();
  }

  private static void untilPanic(Runnable body) {
    try {
      body.run();
    } catch (PgError e) {
      assertEquals(PgError.Severity.PANIC, e.severity());
    }
  }

  @Test
  void everyCommitIsFlushedAndMostShareAFlush() {
    int handed = 0;
    for (long seed = 1; seed <= 40; seed++) {
      for (int clients : new int[] {1, 3, 30}) {
        Log log = run(seed, clients, seed % 2 == 0, Integer.MAX_VALUE);
        assertTrue(log.inserted >= (long) clients * COMMITS && log.flushed == log.inserted);
        assertTrue(clients < 30 || log.flushes < log.inserted / 4, "seed " + seed);
        handed += log.byWriter;
      }
    }
    assertTrue(handed > 0);
  }

  @Test
  void aFailedFlushWakesAll() {
    for (long seed = 1; seed <= 40; seed++) {
      Log log = run(seed, 30, seed % 2 == 0, 3);
      assertEquals(3, log.flushes, "seed " + seed);
    }
  }
}
