package phaistos.runner.museum;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.checker.jepsen.LongForkChecker;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/**
 * The primary and a standby show two commits in opposite orders. A standby shows commits in the
 * order of the WAL; the primary shows one when its transaction leaves the process array, and that
 * is after its wait for standbys. Here the first transaction waits for a standby that does not
 * exist, and the second one, at the level local, does not wait; the standby's replay stands still
 * between the two.
 */
final class LongForkScene {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int KEYS = 2;

  static final Exhibit EXHIBIT =
      new Exhibit(
          "long-fork",
          "the primary shows the second of two commits without the first, and a standby the first"
              + " without the second",
          "jepsen.io, Amazon RDS for PostgreSQL 17.4 (2025); known to its developers since 2013",
          List.of("13", "14", "15", "16", "17", "18"),
          List.of(),
          1,
          LongForkScene::run);

  private LongForkScene() {}

  private static void run(Place place, int tries, long seed, Consumer<Exhibit.Try> each)
      throws SQLException {
    Map<String, String> settings = Map.of("synchronous_standby_names", "ANY 2 (n2, nobody)");
    for (int n = 0; n < tries; n++) {
      try (Lab lab = new Lab(place, 2, seed, settings)) {
        each.accept(attempt(lab));
      }
    }
  }

  private static Exhibit.Try attempt(Lab lab) throws SQLException {
    String local = "SET synchronous_commit = local";
    lab.execute(Lab.N1, local, "CREATE TABLE fork (k int PRIMARY KEY)");
    // it waits until the cluster is gone
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                lab.execute(Lab.N1, "INSERT INTO fork VALUES (0)");
              } catch (SQLException _) {
                return;
              }
            });
    if (!Lab.await(PATIENCE, () -> seen(lab, Lab.N2).contains(0L))) {
      throw new IllegalStateException("the standby does not show the first commit");
    }
    lab.execute(Lab.N2, "SELECT pg_wal_replay_pause()");
    lab.execute(Lab.N1, local, "INSERT INTO fork VALUES (1)");
    Set<Long> primary = seen(lab, Lab.N1);
    Set<Long> standby = seen(lab, Lab.N2);
    Verdict verdict =
        new LongForkChecker(KEYS)
            .check(history(primary, standby), CheckContext.UNLIMITED)
            .verdict();
    return new Exhibit.Try(
        verdict instanceof Verdict.Invalid,
        "the primary shows %s, the standby %s".formatted(primary, standby),
        List.of(verdict.reason()));
  }

  private static Set<Long> seen(Lab lab, NodeId node) {
    Set<Long> seen = new TreeSet<>();
    for (long key = 0; key < KEYS; key++) {
      if (lab.ask(node, "SELECT 1 FROM fork WHERE k = " + key).isPresent()) {
        seen.add(key);
      }
    }
    return seen;
  }

  private static History<UntypedCall> history(Set<Long> primary, Set<Long> standby) {
    List<Event<UntypedCall>> events = new ArrayList<>();
    for (long key = 0; key < KEYS; key++) {
      Edn step = Edn.vector(Edn.keyword("w"), Edn.of(key), Edn.of(1));
      events.add(
          new Event.Invoke<>(
              events.size(), events.size(), client(key), call(List.of(step)), Details.NONE));
    }
    read(events, KEYS, "n1", primary);
    read(events, KEYS + 1, "n2", standby);
    return History.of(events);
  }

  private static void read(
      List<Event<UntypedCall>> events, long process, String node, Set<Long> seen) {
    List<Edn> asked = new ArrayList<>();
    List<Edn> answered = new ArrayList<>();
    for (long key = 0; key < KEYS; key++) {
      asked.add(Edn.vector(Edn.keyword("r"), Edn.of(key), Edn.NIL));
      Edn value = seen.contains(key) ? Edn.of(1) : Edn.NIL;
      answered.add(Edn.vector(Edn.keyword("r"), Edn.of(key), value));
    }
    Details details = Details.builder().node(node).build();
    events.add(
        new Event.Invoke<>(
            events.size(), events.size(), client(process), call(asked), Details.NONE));
    events.add(
        new Event.Ok<>(events.size(), events.size(), client(process), call(answered), details));
  }

  private static Process.Client client(long id) {
    return new Process.Client(id);
  }

  private static UntypedCall call(List<Edn> steps) {
    return new UntypedCall(Edn.keyword("txn"), new Edn.Vector(steps));
  }
}
