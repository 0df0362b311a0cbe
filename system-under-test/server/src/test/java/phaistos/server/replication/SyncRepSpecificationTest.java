package phaistos.server.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.environment.Environment;
import phaistos.environment.Network.Address;
import phaistos.formats.Lsn;
import phaistos.server.backends.WaitEvents;
import phaistos.server.replication.WalSenderSlot.State;
import phaistos.server.settings.StandbyNames;
import phaistos.server.settings.StandbyNames.Method;
import phaistos.server.steps.Steps;
import phaistos.server.xact.CommitLevel;
import phaistos.server.xact.Proc;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/**
 * Random standbys, replies, names, reconnects, commits, cancels and terminations: after each step
 * exactly those commits wait that a brute-force specification lets wait, and the view shows what it
 * says. The specification tries every set of standbys that may answer.
 *
 * <p>{@code -Dphaistos.syncrep.steps=1000000 -Dphaistos.syncrep.seed=N} is the long form.
 */
@Timeout(1200)
class SyncRepSpecificationTest {
  private static final int STEPS = Integer.getInteger("phaistos.syncrep.steps", 20_000);
  private static final long SEED = Long.getLong("phaistos.syncrep.seed", 1);
  private static final String[] NAMES = {"a", "b", "c", "d", "B"};
  private static final CommitLevel[] LEVELS = CommitLevel.values();

  /** A commit, as the specification sees it; {@code end} is how it should have ended. */
  private static final class Commit {
    final CommitLevel level;
    final long lsn;
    final Proc proc;
    final List<String> warnings = new ArrayList<>();
    boolean returned;
    String end = "";

    Commit(CommitLevel level, long lsn, Proc proc) {
      this.level = level;
      this.lsn = lsn;
      this.proc = proc;
    }
  }

  private final Random random = new Random(SEED);
  private final List<WalSenderSlot> standbys = new ArrayList<>();
  private final List<Commit> commits = new ArrayList<>();
  private final long[] settled = new long[LEVELS.length];
  private final int[] done = new int[4];
  private StandbyNames names = StandbyNames.NONE;
  private SyncRep syncRep;
  private Environment environment;
  private long lastLsn = 1000;
  private int pids;

  @Test
  void releasesWhatTheSpecificationReleases() {
    var result =
        Simulation.run(
            SimulationOptions.seed(SEED).withLimit(Duration.ofDays(1)),
            world -> {
              environment = world.environment();
              syncRep =
                  new SyncRep(
                      environment.tasks(), environment.clock(), names, line -> {}, new Steps());
              for (int step = 0; step < STEPS; step++) {
                String what = act();
                environment.tasks().sleep(1_000_000);
                check("seed=%d step=%d: %s".formatted(SEED, step, what));
              }
              return "";
            });
    result.valueOrThrow();
    // released, cancelled, terminated, and let through without a wait
    for (int count : done) {
      assertTrue(count > STEPS / 1000, List.of(done[0], done[1], done[2], done[3]).toString());
    }
  }

  private String act() {
    int kind = random.nextInt(100);
    if (kind < 45) {
      return reply();
    } else if (kind < 75) {
      return commit();
    } else if (kind < 85) {
      return connection();
    } else if (kind < 90) {
      return changeState();
    } else if (kind < 95) {
      return interrupt();
    }
    return changeNames();
  }

  private String reply() {
    if (standbys.isEmpty()) {
      return connection();
    }
    WalSenderSlot slot = standbys.get(random.nextInt(standbys.size()));
    boolean restarted = random.nextInt(30) == 0;
    long write = restarted ? position(0) : position(slot.write.value());
    long flush = restarted ? random.nextInt(2) * position(0) : between(slot.flush.value(), write);
    long apply = between(slot.apply.value(), flush);
    syncRep.reply(slot, new Lsn(write), new Lsn(flush), new Lsn(apply), Instant.EPOCH);
    settle();
    return "reply of %s: %d %d %d".formatted(slot.applicationName, write, flush, apply);
  }

  private long position(long least) {
    return least + (long) (random.nextDouble() * (lastLsn + 5 - least));
  }

  private long between(long least, long most) {
    return least >= most ? most : least + (long) (random.nextDouble() * (most - least + 1));
  }

  private String commit() {
    lastLsn += random.nextInt(10);
    // commits queue nearly in the order of their records
    long lsn = Math.max(1, lastLsn - (random.nextInt(4) == 0 ? random.nextInt(50) : 0));
    CommitLevel level = LEVELS[random.nextInt(LEVELS.length)];
    Proc proc =
        new Proc(++pids, environment.tasks().newLatch(), new WaitEvents(environment.clock()));
    Commit commit = new Commit(level, lsn, proc);
    commits.add(commit);
    if (!level.waitsForStandby() || names.isEmpty() || lsn <= settled[level.ordinal()]) {
      commit.end = "no wait";
      done[3]++;
    }
    environment
        .tasks()
        .spawn(
            "commit",
            () -> {
              syncRep.await(
                  proc, new Lsn(lsn), level, (state, text, detail) -> commit.warnings.add(state));
              commit.returned = true;
            });
    return "commit %s at %d".formatted(level, lsn);
  }

  private String connection() {
    if (standbys.size() < 6 && random.nextBoolean() || standbys.isEmpty()) {
      String name = NAMES[random.nextInt(NAMES.length)];
      WalSenderSlot slot =
          new WalSenderSlot(++pids, "u", name, new Address("h", 1), Instant.EPOCH, () -> {});
      standbys.add(slot);
      syncRep.add(slot);
      return "connects: " + name;
    }
    WalSenderSlot slot = standbys.remove(random.nextInt(standbys.size()));
    syncRep.remove(slot);
    return "leaves: " + slot.applicationName;
  }

  private String changeState() {
    if (standbys.isEmpty()) {
      return connection();
    }
    WalSenderSlot slot = standbys.get(random.nextInt(standbys.size()));
    State[] states = {
      State.STREAMING, State.STREAMING, State.CATCHUP, State.STOPPING, State.BACKUP
    };
    State state = states[random.nextInt(states.length)];
    syncRep.state(slot, state);
    settle();
    return "state of %s: %s".formatted(slot.applicationName, state);
  }

  private String interrupt() {
    List<Commit> waiting = commits.stream().filter(each -> each.end.isEmpty()).toList();
    if (waiting.isEmpty()) {
      return commit();
    }
    Commit commit = waiting.get(random.nextInt(waiting.size()));
    boolean cancel = random.nextBoolean();
    commit.end = cancel ? "01000" : "57P01";
    done[cancel ? 1 : 2]++;
    if (cancel) {
      commit.proc.requestCancel();
    } else {
      commit.proc.requestDie();
    }
    return "%s of the commit at %d".formatted(cancel ? "cancel" : "termination", commit.lsn);
  }

  private String changeNames() {
    String text = "";
    if (random.nextInt(10) > 0) {
      List<String> list = new ArrayList<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        list.add(random.nextInt(6) == 0 ? "*" : NAMES[random.nextInt(NAMES.length)]);
      }
      String method = random.nextBoolean() ? "ANY" : "FIRST";
      text = "%s %d (%s)".formatted(method, 1 + random.nextInt(3), String.join(", ", list));
    }
    names = StandbyNames.parse(text);
    syncRep.setNames(names);
    settle();
    return "names: " + text;
  }

  // ---- the specification ----

  private static boolean mayAnswer(WalSenderSlot slot, StandbyNames names) {
    return (slot.state == State.STREAMING || slot.state == State.STOPPING)
        && names.priority(slot.applicationName) > 0
        && slot.flush.value() != 0;
  }

  private List<WalSenderSlot> candidates() {
    return standbys.stream().filter(slot -> mayAnswer(slot, names)).toList();
  }

  /** Under FIRST nobody outside may come before a member; under ANY every set will do. */
  private boolean mayDecide(List<WalSenderSlot> candidates, int set) {
    for (int in = 0; in < candidates.size(); in++) {
      for (int out = 0; out < candidates.size(); out++) {
        if (names.method() == Method.FIRST
            && (set >> in & 1) == 1
            && (set >> out & 1) == 0
            && rank(candidates, out) < rank(candidates, in)) {
          return false;
        }
      }
    }
    return Integer.bitCount(set) == names.count();
  }

  private int rank(List<WalSenderSlot> candidates, int index) {
    return names.priority(candidates.get(index).applicationName) * 100 + index;
  }

  private static long positionFor(CommitLevel level, WalSenderSlot slot) {
    return switch (level) {
      case REMOTE_WRITE -> slot.write.value();
      case ON -> slot.flush.value();
      case REMOTE_APPLY -> slot.apply.value();
      case OFF, LOCAL -> Long.MAX_VALUE;
    };
  }

  /** Positions only rise; what they have passed is released, and nothing waits without names. */
  private void settle() {
    List<WalSenderSlot> candidates = candidates();
    for (CommitLevel level : LEVELS) {
      for (int set = 0; set < 1 << candidates.size() && !names.isEmpty(); set++) {
        if (mayDecide(candidates, set)) {
          long lowest = Long.MAX_VALUE;
          for (int i = 0; i < candidates.size(); i++) {
            if ((set >> i & 1) == 1) {
              lowest = Math.min(lowest, positionFor(level, candidates.get(i)));
            }
          }
          settled[level.ordinal()] = Math.max(settled[level.ordinal()], lowest);
        }
      }
    }
    for (Commit commit : commits) {
      if (commit.end.isEmpty()
          && (names.isEmpty() || commit.lsn <= settled[commit.level.ordinal()])) {
        commit.end = "released";
        done[0]++;
      }
    }
  }

  private void check(String what) {
    for (Commit commit : commits) {
      assertEquals(!commit.end.isEmpty(), commit.returned, () -> what + ": commit " + commit.lsn);
      if (commit.returned) {
        List<String> expected =
            Character.isDigit(commit.end.charAt(0)) ? List.of(commit.end) : List.of();
        assertEquals(expected, commit.warnings, () -> what + ": commit " + commit.lsn);
      }
    }
    commits.removeIf(commit -> commit.returned);
    List<WalSenderSlot> candidates = candidates();
    List<WalSenderSlot.Row> rows = syncRep.rows();
    assertEquals(standbys.size(), rows.size(), what);
    for (int i = 0; i < rows.size(); i++) {
      WalSenderSlot slot = standbys.get(i);
      int better = 0;
      int at = candidates.indexOf(slot);
      for (int other = 0; at >= 0 && other < candidates.size(); other++) {
        better += rank(candidates, other) < rank(candidates, at) ? 1 : 0;
      }
      String state =
          names.priority(slot.applicationName) == 0
              ? "async"
              : names.method() == Method.ANY
                  ? "quorum"
                  : at >= 0 && better < names.count() ? "sync" : "potential";
      assertEquals(state, rows.get(i).syncState(), what);
      assertEquals(names.priority(slot.applicationName), rows.get(i).priority(), what);
    }
  }
}
