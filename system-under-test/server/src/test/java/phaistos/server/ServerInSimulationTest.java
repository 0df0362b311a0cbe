package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.environment.DiskFile;
import phaistos.environment.Task;
import phaistos.server.defects.Defects;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;
import phaistos.simulator.UnsyncedWrites;

/**
 * Three nodes under load by the real JDBC driver, with faults, in the simulator: what was
 * acknowledged must be there. Seeds are fixed and printed in every message.
 */
@Timeout(300)
@Tag("slow")
class ServerInSimulationTest {
  private static final long SECOND = SimulatedNodes.SECOND;

  /** What a run came to. */
  private record Run(List<Integer> acknowledged, List<String> found, List<String> events) {
    List<Integer> lost() {
      TreeSet<String> there = new TreeSet<>(found);
      return acknowledged.stream().filter(value -> !there.contains("" + value)).toList();
    }
  }

  private static SimulationOptions options(long seed) {
    return SimulationOptions.seed(seed).withLimit(Duration.ofMinutes(5));
  }

  /** Clients that insert different values until told to stop or the connection is lost. */
  private static List<Task> load(
      SimulatedNodes nodes, String node, boolean[] stop, List<Integer> acknowledged, int base) {
    List<Task> tasks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int first = base + i * 10_000;
      tasks.add(
          nodes
              .clients()
              .tasks()
              .spawn("client-" + first, () -> insert(nodes, node, stop, acknowledged, first)));
    }
    return tasks;
  }

  private static void insert(
      SimulatedNodes nodes, String node, boolean[] stop, List<Integer> acknowledged, int first) {
    int value = first;
    try (Connection connection = nodes.connect(node);
        PreparedStatement insert =
            connection.prepareStatement("insert into t(id, v) values (?, ?)")) {
      while (!stop[0]) {
        insert.setInt(1, value);
        insert.setString(2, "value " + value);
        insert.executeUpdate();
        acknowledged.add(value);
        value++;
        nodes.clients().tasks().sleep(5_000_000);
      }
    } catch (SQLException e) {
      // the node is gone: what was not acknowledged is not counted
    }
  }

  private static List<String> all(SimulatedNodes nodes, String node) {
    return Arrays.asList(nodes.ask(node, "select id from t").split(" "));
  }

  /** The primary loses its power under load, and the more advanced standby takes over. */
  private static Run powerCutAndPromotion(SimulatedWorld world, Defects defects) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.startThree("ANY 1 (n2, n3)", defects);
      nodes.ask("n1", "create table t(id int primary key, v text)");
      List<Integer> acknowledged = new ArrayList<>();
      boolean[] stop = new boolean[1];
      List<Task> tasks = load(nodes, "n1", stop, acknowledged, 0);
      nodes.clients().tasks().sleep(3 * SECOND);
      world.machine("n1").crash(UnsyncedWrites.LOSE_ALL);
      stop[0] = true;
      tasks.forEach(Task::join);
      nodes.clients().tasks().sleep(SECOND);
      String two = nodes.ask("n2", "select pg_last_wal_replay_lsn() - '0/0'::pg_lsn");
      String three = nodes.ask("n3", "select pg_last_wal_replay_lsn() - '0/0'::pg_lsn");
      String best = Long.parseLong(two) >= Long.parseLong(three) ? "n2" : "n3";
      String promoted = nodes.ask(best, "select pg_promote()");
      String write = nodes.ask(best, "insert into t values (999999, 'after')");
      return new Run(
          List.copyOf(acknowledged), all(nodes, best), List.of(two, three, promoted, write));
    }
  }

  @Test
  void keepsEveryAcknowledgedCommitWhenThePrimaryLosesPower() {
    for (long seed = 1; seed <= 3; seed++) {
      var result = Simulation.run(options(seed), w -> powerCutAndPromotion(w, Defects.none()));
      Run run = result.valueOrThrow();
      assertTrue(run.acknowledged().size() > 200, "seed=" + seed + " " + run.events());
      assertEquals(List.of(), run.lost(), "seed=" + seed + " " + run.events());
      assertTrue(run.found().contains("999999"), "seed=" + seed + " " + run.events());
      assertEquals(List.of(), result.failures(), "seed=" + seed);
    }
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    var first = Simulation.run(options(7), w -> powerCutAndPromotion(w, Defects.none()));
    var second = Simulation.run(options(7), w -> powerCutAndPromotion(w, Defects.none()));
    assertEquals(first.valueOrThrow(), second.valueOrThrow());
    assertEquals(first.traceHash(), second.traceHash());
  }

  /** The standbys are cut off for a moment: with the defect the primary goes on acknowledging. */
  private static Run powerCutWhileStandbysAreAway(SimulatedWorld world, Defects defects) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.startThree("ANY 1 (n2, n3)", defects);
      nodes.ask("n1", "create table t(id int primary key, v text)");
      List<Integer> acknowledged = new ArrayList<>();
      boolean[] stop = new boolean[1];
      List<Task> tasks = load(nodes, "n1", stop, acknowledged, 0);
      nodes.clients().tasks().sleep(SECOND);
      world.machine("n2").kill();
      world.machine("n3").kill();
      nodes.clients().tasks().sleep(SECOND);
      world.machine("n1").crash(UnsyncedWrites.LOSE_ALL);
      stop[0] = true;
      tasks.forEach(Task::join);
      nodes.start("n2", "n1", Defects.none());
      nodes.start("n3", "n1", Defects.none());
      nodes.clients().tasks().sleep(SECOND);
      String two = nodes.ask("n2", "select pg_last_wal_replay_lsn() - '0/0'::pg_lsn");
      String three = nodes.ask("n3", "select pg_last_wal_replay_lsn() - '0/0'::pg_lsn");
      String best = Long.parseLong(two) >= Long.parseLong(three) ? "n2" : "n3";
      nodes.ask(best, "select pg_promote()");
      return new Run(List.copyOf(acknowledged), all(nodes, best), List.of(two, three));
    }
  }

  @Test
  void losesCommitsOnlyWithTheDefectThatSkipsTheWait() {
    Defects skip = Defects.parse("ack-before-standby-flush");
    Run right =
        Simulation.run(options(1), w -> powerCutWhileStandbysAreAway(w, Defects.none()))
            .valueOrThrow();
    Run wrong =
        Simulation.run(options(1), w -> powerCutWhileStandbysAreAway(w, skip)).valueOrThrow();
    assertEquals(List.of(), right.lost(), "seed=1 " + right.events());
    assertFalse(wrong.lost().isEmpty(), "seed=1 " + wrong.events());
  }

  /** Power cut of a lone primary: recovery, with torn and lost writes. */
  private static Run loneRecovery(SimulatedWorld world, UnsyncedWrites mode) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.initialize("n1");
      nodes.start("n1", "", Defects.none());
      nodes.clients().tasks().sleep(SECOND);
      nodes.ask("n1", "create table t(id int primary key, v text)");
      List<Integer> acknowledged = new ArrayList<>();
      List<String> events = new ArrayList<>();
      for (int round = 1; round <= 3; round++) {
        boolean[] stop = new boolean[1];
        List<Task> tasks = load(nodes, "n1", stop, acknowledged, round * 100_000);
        nodes.clients().tasks().sleep(SECOND);
        events.add(nodes.ask("n1", "checkpoint"));
        nodes.clients().tasks().sleep(SECOND);
        world.machine("n1").crash(mode);
        stop[0] = true;
        tasks.forEach(Task::join);
        nodes.start("n1", "", Defects.none());
        nodes.clients().tasks().sleep(2 * SECOND);
      }
      return new Run(List.copyOf(acknowledged), all(nodes, "n1"), events);
    }
  }

  @Test
  void recoversEveryAcknowledgedCommitAfterPowerCuts() {
    for (UnsyncedWrites mode : UnsyncedWrites.values()) {
      for (long seed = 1; seed <= 2; seed++) {
        var result = Simulation.run(options(seed), w -> loneRecovery(w, mode));
        Run run = result.valueOrThrow();
        String where = "seed=" + seed + " mode=" + mode + " " + run.events();
        assertTrue(run.acknowledged().size() > 300, where);
        assertEquals(List.of(), run.lost(), where);
        assertEquals(List.of(), result.failures(), where);
      }
    }
  }

  /** A standby loses its power behind a restartpoint, and again while it makes one. */
  private static Run standbyPowerCuts(SimulatedWorld world, UnsyncedWrites mode) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.startThree("ANY 1 (n2, n3)", Defects.none());
      nodes.ask("n1", "create table t(id int primary key, v text)");
      List<Integer> acknowledged = new ArrayList<>();
      boolean[] stop = new boolean[1];
      List<Task> tasks = load(nodes, "n1", stop, acknowledged, 0);
      nodes.clients().tasks().sleep(SECOND);
      nodes.ask("n1", "checkpoint");
      nodes.clients().tasks().sleep(SECOND);
      nodes.ask("n2", "checkpoint");
      nodes.clients().tasks().sleep(SECOND / 2);
      world.machine("n2").crash(mode);
      nodes.start("n2", "n1", Defects.none());
      nodes.clients().tasks().sleep(SECOND);
      nodes.ask("n1", "checkpoint");
      nodes.clients().tasks().sleep(SECOND / 2);
      nodes.server("n2").instance().checkpointer().request();
      nodes.clients().tasks().sleep(2_000_000);
      world.machine("n2").crash(mode);
      nodes.start("n2", "n1", Defects.none());
      nodes.clients().tasks().sleep(2 * SECOND);
      stop[0] = true;
      tasks.forEach(Task::join);
      nodes.clients().tasks().sleep(2 * SECOND);
      world.machine("n1").kill();
      nodes.ask("n2", "select pg_promote()");
      return new Run(List.copyOf(acknowledged), all(nodes, "n2"), List.copyOf(nodes.log("n2")));
    }
  }

  @Test
  void aStandbyReplaysFromItsRestartpoint() {
    for (UnsyncedWrites mode : UnsyncedWrites.values()) {
      for (long seed = 1; seed <= 2; seed++) {
        var result = Simulation.run(options(seed), w -> standbyPowerCuts(w, mode));
        Run run = result.valueOrThrow();
        String where = "seed=" + seed + " mode=" + mode + " " + String.join("\n", run.events());
        assertTrue(run.acknowledged().size() > 300, where);
        assertEquals(List.of(), run.lost(), where);
        assertEquals(List.of(), result.failures(), where);
        List<String> starts = positions(run.events(), "redo starts at ");
        List<String> restartpoints = positions(run.events(), "recovery restart point at ");
        assertEquals(3, starts.size(), where);
        assertEquals(restartpoints.getFirst(), starts.get(1), where);
        assertTrue(restartpoints.contains(starts.get(2)), where);
      }
    }
  }

  private static List<String> positions(List<String> log, String before) {
    return log.stream()
        .filter(line -> line.startsWith("LOG: " + before))
        .map(line -> line.substring(("LOG: " + before).length()))
        .toList();
  }

  /** The power goes while a checkpoint by time spreads its writes. */
  private static Run powerCutDuringSpreadCheckpoint(SimulatedWorld world, UnsyncedWrites mode) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.initialize("n1");
      nodes.start("n1", "", Defects.none(), "checkpoint_timeout", "30s");
      nodes.clients().tasks().sleep(25 * SECOND);
      nodes.ask("n1", "create table t(id int primary key, v text)");
      List<Integer> acknowledged = new ArrayList<>();
      boolean[] stop = new boolean[1];
      List<Task> tasks = load(nodes, "n1", stop, acknowledged, 0);
      nodes.clients().tasks().sleep(15 * SECOND);
      world.machine("n1").crash(mode);
      List<String> log = List.copyOf(nodes.log("n1"));
      stop[0] = true;
      tasks.forEach(Task::join);
      nodes.start("n1", "", Defects.none());
      nodes.clients().tasks().sleep(2 * SECOND);
      return new Run(List.copyOf(acknowledged), all(nodes, "n1"), log);
    }
  }

  @Test
  void recoversFromAPowerCutDuringASpreadCheckpoint() {
    for (UnsyncedWrites mode : UnsyncedWrites.values()) {
      var result = Simulation.run(options(4), w -> powerCutDuringSpreadCheckpoint(w, mode));
      Run run = result.valueOrThrow();
      String where = "seed=4 mode=" + mode + " " + String.join("\n", run.events());
      assertTrue(run.events().contains("LOG: checkpoint starting: time"), where);
      assertFalse(run.events().stream().anyMatch(l -> l.contains("checkpoint complete")), where);
      assertEquals(List.of(), run.lost(), where);
      assertEquals(List.of(), result.failures(), where);
    }
  }

  /** Tables made before, between and after two power cuts, each with its own name as a row. */
  private static List<String> tablesAcrossPowerCuts(SimulatedWorld world) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.initialize("n1");
      for (String name : List.of("a", "b", "c")) {
        nodes.start("n1", "", Defects.none());
        nodes.clients().tasks().sleep(SECOND);
        nodes.ask("n1", "create table %s (name text primary key)".formatted(name));
        nodes.ask("n1", "insert into %s values ('%s')".formatted(name, name));
        if (name.equals("b")) {
          nodes.ask("n1", "checkpoint");
        }
        world.machine("n1").crash(UnsyncedWrites.LOSE_ALL);
      }
      nodes.start("n1", "", Defects.none());
      nodes.clients().tasks().sleep(SECOND);
      return Stream.of("a", "b", "c")
          .map(name -> nodes.ask("n1", "select name from " + name))
          .toList();
    }
  }

  // No checkpoint knows of the first table when the second one asks for an OID.
  @Test
  void noTableGetsAnothersOidAfterACrash() {
    for (long seed = 1; seed <= 3; seed++) {
      var result = Simulation.run(options(seed), w -> tablesAcrossPowerCuts(w));
      assertEquals(List.of("a", "b", "c"), result.valueOrThrow(), "seed=" + seed);
    }
  }

  /** A crash has cut short the stream that filled the new timeline's file of an old segment. */
  @Test
  void aStandbyFillsUpATimelinesFileThatIsThereInPartsOnly() {
    List<String> found =
        Simulation.run(options(6), ServerInSimulationTest::standbyWithHalfATimeline).valueOrThrow();
    assertEquals(List.of("1 2 3", "1 2 3"), found.subList(0, 2), found.toString());
  }

  private static List<String> standbyWithHalfATimeline(SimulatedWorld world) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.startThree("", Defects.none());
      nodes.ask("n1", "create table t(id int primary key, v text)");
      nodes.ask("n1", "insert into t values (1, '" + "x".repeat(2000) + "')");
      nodes.clients().tasks().sleep(SECOND);
      world.machine("n1").kill();
      world.machine("n3").kill();
      nodes.ask("n2", "select pg_promote()");
      nodes.ask("n2", "insert into t values (2, 'kept')");
      nodes.start("n3", "n2", Defects.none());
      nodes.clients().tasks().sleep(3 * SECOND);
      world.machine("n3").kill();
      try (DiskFile file = world.machine("n3").disk().open("pg_wal/000000020000000000000001")) {
        file.write(512, ByteBuffer.allocate((1 << 20) - 512));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      nodes.start("n3", "n2", Defects.none());
      nodes.ask("n2", "insert into t values (3, 'after')");
      nodes.clients().tasks().sleep(5 * SECOND);
      List<String> all = new ArrayList<>();
      all.add(nodes.ask("n2", "select id from t"));
      all.add(nodes.ask("n3", "select id from t"));
      all.addAll(nodes.log("n3"));
      return all;
    }
  }

  /**
   * A former primary with commits that nobody else has must not follow the new timeline. It looks
   * for one that it can follow once in wal_retrieve_retry_interval, half a second.
   */
  @Test
  void refusesToFollowATimelineThatForkedBeforeItsOwnCommits() {
    List<String> log =
        Simulation.run(
                options(5),
                world -> {
                  try (SimulatedNodes nodes = new SimulatedNodes(world)) {
                    nodes.startThree("", Defects.none());
                    nodes.ask("n1", "create table t(id int primary key, v text)");
                    nodes.clients().tasks().sleep(SECOND);
                    world.machine("n2").kill();
                    world.machine("n3").kill();
                    nodes.ask("n1", "insert into t values (1, 'lost')");
                    world.machine("n1").kill();
                    nodes.start("n2", "n1", Defects.none());
                    nodes.clients().tasks().sleep(SECOND);
                    nodes.ask("n2", "select pg_promote()");
                    nodes.ask("n2", "insert into t values (2, 'kept')");
                    nodes.start("n1", "n2", Defects.none());
                    nodes.start("n3", "n2", Defects.none());
                    nodes.clients().tasks().sleep(5 * SECOND);
                    List<String> lines = new ArrayList<>(nodes.log("n1"));
                    lines.add("n1 has " + nodes.ask("n1", "select id from t"));
                    lines.add("n2 has " + nodes.ask("n2", "select id from t"));
                    lines.add("n3 has " + nodes.ask("n3", "select id from t"));
                    return lines;
                  }
                })
            .valueOrThrow();
    assertTrue(
        log.stream()
            .anyMatch(
                line ->
                    line.matches(
                        "LOG: new timeline 2 forked off current database system timeline 1 before"
                            + " current recovery point 0/[0-9A-F]+")),
        log.toString());
    long streams = log.stream().filter(line -> line.contains("started streaming WAL")).count();
    assertTrue(streams <= 12, log.toString());
    assertEquals(
        List.of("n1 has 1", "n2 has 2", "n3 has 2"), log.subList(log.size() - 3, log.size()));
  }
}
