package phaistos.simulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.environment.DiskFile;
import phaistos.environment.Environment;
import phaistos.environment.Latch;
import phaistos.environment.Network.Address;
import phaistos.environment.NetworkSockets;
import phaistos.environment.Task;

/**
 * A program that uses everything at once: many tasks over locks and conditions, latches with
 * limits, a disk that is written, synced and crashed, a network that is cut and disturbed, and ten
 * clients of the real JDBC driver. Its {@code main} prints one trace hash per seed: what a command
 * line gives, to compare with what JUnit gives.
 */
final class BusyProgram implements Simulation.Body<Integer> {
  private static final long MILLISECOND = 1_000_000L;
  private static final Address SERVER = new Address("n1", 5432);

  private final int rounds;

  BusyProgram(int rounds) {
    this.rounds = rounds;
  }

  static SimulationResult<Integer> run(long seed, int rounds) {
    return Simulation.run(
        SimulationOptions.seed(seed).withLimit(Duration.ofHours(1)), new BusyProgram(rounds));
  }

  /** Arguments: rounds, then seeds; several seeds run one after the other in this JVM. */
  public static void main(String[] arguments) {
    for (int i = 1; i < arguments.length; i++) {
      var result = run(Long.parseLong(arguments[i]), Integer.parseInt(arguments[0]));
      result.valueOrThrow();
      System.out.println(arguments[i] + " " + result.traceHashText());
    }
  }

  @Override
  public Integer run(SimulatedWorld world) {
    Environment control = world.environment();
    int[] done = new int[1];
    List<Task> tasks = new ArrayList<>();
    TinyWireServer.serve(world.machine("n1").start(), SERVER);
    control.tasks().sleep(MILLISECOND);
    lockers(control, done, tasks);
    latches(control, done, tasks);
    Task nemesis = control.tasks().spawn("nemesis", () -> disturb(world));
    NetworkSockets sockets = NetworkSockets.over(control.network());
    world.atEnd(sockets::close);
    for (int i = 0; i < 10; i++) {
      String url = sockets.url(List.of(SERVER), "postgres") + "&socketTimeout=60";
      tasks.add(control.tasks().spawn("client-" + i, () -> client(control, url, done)));
    }
    tasks.forEach(Task::join);
    nemesis.join();
    return done[0];
  }

  /** Twenty tasks hand a turn around under a lock with a condition. */
  private void lockers(Environment control, int[] done, List<Task> tasks) {
    ReentrantLock lock = new ReentrantLock();
    Condition changed = lock.newCondition();
    int[] turn = new int[1];
    for (int i = 0; i < 20; i++) {
      int number = i;
      tasks.add(
          control
              .tasks()
              .spawn(
                  "locker-" + i,
                  () -> {
                    for (int round = 0; round < rounds; round++) {
                      control.tasks().yieldPoint();
                      lock.lock();
                      try {
                        while (turn[0] % 20 != number) {
                          changed.awaitUninterruptibly();
                        }
                        turn[0]++;
                        done[0]++;
                        changed.signalAll();
                      } finally {
                        lock.unlock();
                      }
                    }
                  }));
    }
  }

  private void latches(Environment control, int[] done, List<Task> tasks) {
    for (int i = 0; i < 10; i++) {
      Latch latch = control.tasks().newLatch();
      boolean[] over = new boolean[1];
      tasks.add(
          control
              .tasks()
              .spawn(
                  "setter-" + i,
                  () -> {
                    for (int round = 0; round < rounds; round++) {
                      control.tasks().sleep(control.randomness().nextInt(2_000_000));
                      latch.set();
                    }
                    over[0] = true;
                  }));
      tasks.add(
          control
              .tasks()
              .spawn(
                  "waiter-" + i,
                  () -> {
                    while (!over[0]) {
                      done[0] += latch.await(MILLISECOND) ? 1 : 0;
                      latch.reset();
                    }
                  }));
    }
  }

  private void client(Environment control, String url, int[] done) {
    int answered = 0;
    while (answered < rounds) {
      try (Connection connection = DriverManager.getConnection(url, "phaistos", "");
          Statement statement = connection.createStatement()) {
        for (; answered < rounds; answered++) {
          try (ResultSet result = statement.executeQuery("SELECT 1")) {
            result.next();
            done[0] += result.getInt(1) > 0 ? 1 : 0;
          }
        }
      } catch (SQLException _) {
        control.tasks().sleep(10 * MILLISECOND);
      }
    }
  }

  /** Writers on a second machine that is crashed again and again, and a link that is disturbed. */
  private void disturb(SimulatedWorld world) {
    Environment control = world.environment();
    SimulatedMachine machine = world.machine("n2");
    Link link = world.network().link(SimulatedWorld.ROOT, "n1");
    UnsyncedWrites[] modes = UnsyncedWrites.values();
    for (int round = 0; round < 4; round++) {
      Environment node = machine.start();
      for (int i = 0; i < 5; i++) {
        String path = "file-" + i;
        node.tasks().spawn("writer-" + i, () -> write(node, path));
      }
      control.tasks().sleep(5 * MILLISECOND);
      link.addToxic("slicer", new Toxic.Slicer(20, 10, Duration.ofNanos(100_000)));
      link.cut();
      control.tasks().sleep(5 * MILLISECOND);
      link.heal();
      link.removeToxic("slicer");
      link.reset();
      machine.crash(modes[control.randomness().nextInt(modes.length)]);
    }
  }

  private static void write(Environment node, String path) {
    try {
      DiskFile file = node.disk().exists(path) ? node.disk().open(path) : node.disk().create(path);
      node.disk().syncDirectory("");
      while (true) {
        byte[] bytes = new byte[100 + node.randomness().nextInt(8000)];
        Arrays.fill(bytes, (byte) node.randomness().nextInt(256));
        file.write(node.randomness().nextInt(100_000), ByteBuffer.wrap(bytes));
        if (node.randomness().nextInt(4) == 0) {
          file.sync();
        }
      }
    } catch (IOException thrown) {
      throw new UncheckedIOException(thrown);
    }
  }
}
