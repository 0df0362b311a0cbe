package phaistos.runner.museum;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.OneValue;
import phaistos.cluster.ServerProcesses;
import phaistos.cluster.ServerProcesses.Role;
import phaistos.cluster.ServerProcesses.Shutdown;
import phaistos.cluster.ServerProcesses.StartReport;
import phaistos.cluster.machine.Pause;

/**
 * A primary that is to wait for a standby acknowledges commits just after its start although there
 * is none: backends ask a flag in shared memory that only the checkpointer sets, and until it has
 * run they do not wait. The schedule: there is no standby at all; the server starts, its
 * checkpointer is stopped within milliseconds for 1.5 s (400 ms do on an idle machine), and four
 * clients insert as fast as they can connect.
 */
final class StandbyNamesAtStart {
  private static final Duration AFTER_START = Duration.ofMillis(1_700);
  private static final Duration STOP_MAX = Duration.ofSeconds(20);
  private static final long STOPPED_NANOS = 1_500_000_000L;
  private static final int CLIENTS = 4;

  static final Exhibit EXHIBIT =
      new Exhibit(
          "standby-names-at-start",
          "synchronous_standby_names is ignored just after a start: commits are acknowledged"
              + " without any standby",
          "release notes of 13.21, 14.18, 15.13, 16.9, 17.5",
          List.of("13.18", "14.17", "15.12", "16.8", "17.4"),
          List.of("13.22", "14.18", "15.13", "16.9", "17.5"),
          20,
          StandbyNamesAtStart::run);

  private StandbyNamesAtStart() {}

  private static void run(Place place, int tries, long seed, Consumer<Exhibit.Try> each)
      throws SQLException {
    try (Lab lab = new Lab(place, 1, seed, Map.of("synchronous_standby_names", "ANY 1 (b)"))) {
      lab.execute(Lab.N1, "SET synchronous_commit = local", "CREATE TABLE t (i bigint)");
      for (int n = 0; n < tries; n++) {
        each.accept(attempt(lab));
      }
    }
  }

  private static Exhibit.Try attempt(Lab lab) {
    ServerProcesses servers =
        lab.cluster().require(lab.cluster().serverProcesses(), Capability.SERVER_PROCESSES);
    // After a clean stop a start needs no checkpoint, and so no checkpointer.
    servers.shutDown(Lab.N1, Shutdown.FAST);
    if (!Lab.await(STOP_MAX, () -> lab.cluster().state(Lab.N1) == NodeState.DOWN)) {
      throw new IllegalStateException("the server does not stop");
    }
    AtomicBoolean over = new AtomicBoolean();
    ConcurrentLinkedQueue<Long> acknowledged = new ConcurrentLinkedQueue<>();
    long start = System.nanoTime();
    List<Thread> clients = new ArrayList<>();
    for (int n = 0; n < CLIENTS; n++) {
      clients.add(Thread.ofVirtual().start(() -> insert(lab, over, start, acknowledged)));
    }
    StartReport report = servers.restartStopping(Lab.N1, Role.CHECKPOINTER, STOPPED_NANOS);
    Pause.of(AFTER_START);
    over.set(true);
    for (Thread client : clients) {
      join(client);
    }
    List<Long> moments = acknowledged.stream().sorted().toList();
    if (moments.isEmpty()) {
      return new Exhibit.Try(
          false,
          report.stopped().isPresent()
              ? "every commit waits"
              : "the checkpointer was not caught at the start",
          List.of());
    }
    return new Exhibit.Try(
        true,
        "%d commits acknowledged without any standby, %d to %d ms after the start"
            .formatted(
                moments.size(), moments.getFirst() / 1_000_000, moments.getLast() / 1_000_000),
        List.of());
  }

  private static void insert(
      Lab lab, AtomicBoolean over, long start, ConcurrentLinkedQueue<Long> acknowledged) {
    Properties limits = OneValue.limits(1, 1, "phaistos-museum");
    while (!over.get()) {
      try (Connection connection = lab.cluster().connect(Lab.N1, limits);
          Statement statement = connection.createStatement()) {
        if (statement.executeUpdate("INSERT INTO t VALUES (1)") == 1) {
          acknowledged.add(System.nanoTime() - start);
        }
      } catch (SQLException _) {
        // not up yet, or it waits as it should
        continue;
      }
    }
  }

  private static void join(Thread client) {
    try {
      client.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
