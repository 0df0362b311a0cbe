package phaistos.harness.guarantees;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import phaistos.checker.durability.CommitLevel;
import phaistos.harness.Deployment;

final class GuaranteesTest {
  /** A loss that is possible shows in so many tries, mostly in the first. */
  private static final int TRIES = 10;

  @ParameterizedTest
  @CsvSource({
    // level, standbys, fault, commits lost, lost with a warning, reads lost, goes on
    "off, none, kill-primary, true, false, true, true",
    "local, any-1, primary-lost, true, false, true, true",
    "on, any-1, primary-lost, false, false, false, true",
    "on, any-1, reckless-failover, true, false, true, true",
    "remote_write, any-1, power-all-failover, true, false, false, true",
    "on, any-1, power-all-failover, false, false, false, true",
    "on, any-1, cancelled-wait, false, true, true, true",
    "on, any-1, names-emptied, true, false, true, true",
    "on, one, restart-then-lost, false, false, true, false",
    "on, any-2, kill-standby, false, false, false, false",
    "local, any-2, kill-standby, false, false, false, true",
  })
  void measuresWhatIsKnown(
      String level,
      String standbys,
      String fault,
      boolean isLost,
      boolean isLostWarned,
      boolean isReadLost,
      boolean isServing) {
    Combination combination =
        new Combination(
            CommitLevel.parse(level),
            Standbys.named(standbys).orElseThrow(),
            Mishap.named(fault).orElseThrow());
    List<Attempt> attempts = new ArrayList<>();
    do {
      attempts.add(
          new Guarantees(Deployment.simulated()).attempt(combination, attempts.size() + 1));
    } while (attempts.size() < TRIES
        && !(isLost == any(attempts, a -> a.lost() > 0)
            && isLostWarned == any(attempts, a -> a.lostWarned() > 0)
            && isReadLost == any(attempts, a -> a.lostReads() > 0)));
    String seen = String.join("\n", attempts.stream().map(Attempt::line).toList());
    assertEquals(isLost, any(attempts, a -> a.lost() > 0), seen);
    assertEquals(isLostWarned, any(attempts, a -> a.lostWarned() > 0), seen);
    assertEquals(isReadLost, any(attempts, a -> a.lostReads() > 0), seen);
    for (Attempt attempt : attempts) {
      assertEquals(Optional.empty(), attempt.problem(), seen);
      assertTrue(attempt.acknowledged() >= 20, seen);
      assertEquals(isServing, attempt.isServing(), seen);
      assertFalse(attempt.breaksPromise(), seen);
      boolean isAnyLost = attempt.lost() + attempt.lostWarned() + attempt.lostReads() > 0;
      assertEquals(isAnyLost, !attempt.witnesses().isEmpty(), seen);
    }
  }

  private static boolean any(List<Attempt> attempts, Predicate<Attempt> condition) {
    return attempts.stream().anyMatch(condition);
  }

  /** Clients of all levels at once are told apart. */
  @Test
  void aRoundMeasuresEachLevelByItself() {
    List<CommitLevel> levels = List.of(CommitLevel.values());
    List<Round> rounds =
        List.of(
            new Round(Standbys.ANY_2_OF_2, Mishap.STANDBY_KILLED, levels),
            new Round(Standbys.ANY_2_OF_2, Mishap.ALL_KILLED, List.of(CommitLevel.OFF)),
            new Round(Standbys.ANY_2_OF_2, Mishap.PRIMARY_LOST, levels));
    List<Attempt> attempts = new ArrayList<>();
    int settled = new Guarantees(Deployment.simulated()).settle(rounds, 1, attempts::add);
    String seen = String.join("\n", attempts.stream().map(Attempt::line).toList());
    assertEquals(3, settled, seen);
    assertEquals(
        List.of(
            "off true false",
            "local true false",
            "remote_write false false",
            "on false false",
            "remote_apply false false",
            "off true true",
            "off true true",
            "local true true",
            "remote_write false false",
            "on false false",
            "remote_apply false false"),
        attempts.stream()
            .map(a -> a.combination().level().word() + " " + a.isServing() + " " + (a.lost() > 0))
            .toList(),
        seen);
  }

  /** Asynchronous commits are alone where another's flush could save them. */
  @Test
  void realClustersAreShared() {
    List<Combination> chosen =
        Combination.all().stream().filter(each -> each.standbys() == Standbys.ONE).toList();
    List<List<Round>> clusters = Round.clusters(chosen);
    List<CommitLevel> levels = List.of(CommitLevel.values());
    assertEquals(
        List.of(12, 1, 1, 1, 1, 1, 1, 1, 1, 1), clusters.stream().map(List::size).toList());
    assertEquals(
        new Round(Standbys.ONE, Mishap.PRIMARY_KILLED, List.of(CommitLevel.OFF)),
        clusters.getFirst().getFirst());
    assertEquals(
        new Round(Standbys.ONE, Mishap.PRIMARY_KILLED, levels.subList(1, 5)),
        clusters.getFirst().get(1));
    assertEquals(List.of(new Round(Standbys.ONE, Mishap.PRIMARY_LOST, levels)), clusters.get(1));
    Round alone =
        new Round(Standbys.ONE, Mishap.ALL_POWER_FAILOVER, List.of(CommitLevel.REMOTE_WRITE));
    assertTrue(clusters.contains(List.of(alone)), clusters.toString());
    assertEquals(
        chosen.size(),
        clusters.stream().flatMap(List::stream).mapToInt(each -> each.levels().size()).sum());
  }

  /** A server that acknowledges too early breaks what the level on promises. */
  @Test
  void findsABrokenPromise() {
    Combination combination =
        new Combination(CommitLevel.ON, Standbys.ANY_1_OF_2, Mishap.PRIMARY_LOST);
    Guarantees guarantees = new Guarantees(Deployment.simulated(), List.of("level-on-as-local"));
    List<Attempt> attempts = new ArrayList<>();
    do {
      attempts.add(guarantees.attempt(combination, attempts.size() + 1));
    } while (attempts.size() < TRIES && !attempts.getLast().breaksPromise());
    assertTrue(
        attempts.getLast().breaksPromise(),
        String.join("\n", attempts.stream().map(Attempt::line).toList()));
  }

  /** The weakest setting that PostgreSQL's documentation says to survive each fault. */
  @Test
  void promisesAsDocumented() {
    assertEquals(
        List.of(
            "kill-primary local local local local local",
            "power-primary local local local local local",
            "kill-standby off off off off off",
            "power-standby off off off off off",
            "kill-all local local local local local",
            "power-all local local local local local",
            "primary-lost - remote_write remote_write remote_write remote_write",
            "partition-failover - remote_write remote_write remote_write remote_write",
            "kill-all-failover - remote_write remote_write remote_write remote_write",
            "power-all-failover - on on on on",
            "restart-then-lost - remote_write remote_write remote_write remote_write",
            "cancelled-wait - remote_write remote_write remote_write remote_write",
            "names-emptied - - - - -",
            "reckless-failover - remote_write - - remote_write"),
        Arrays.stream(Mishap.values()).map(GuaranteesTest::promised).toList());
  }

  private static String promised(Mishap mishap) {
    StringBuilder line = new StringBuilder(mishap.word());
    for (Standbys standbys : Standbys.values()) {
      String weakest = "-";
      for (CommitLevel level : List.of(CommitLevel.values()).reversed()) {
        boolean isKept = Promise.of(new Combination(level, standbys, mishap)).isKept();
        weakest = isKept ? level.word() : weakest;
      }
      line.append(' ').append(weakest);
    }
    return line.toString();
  }

  @Test
  void aCellThatWasNotRunIsNoPass(@TempDir Path folder) {
    GuaranteesStore store = new GuaranteesStore(folder);
    Measured.Database ours = new Measured.Database("phaistos", "simulated");
    store.measured().object(ours, Mishap.ALL_POWER, "no power switch");
    store.add(attempt(CommitLevel.ON, Mishap.PRIMARY_LOST, 1, 0, Optional.empty()));
    store.add(attempt(CommitLevel.ON, Mishap.ALL_KILLED, 1, 0, Optional.of("it did not start")));
    Measured measured = store.measured();
    Cell lost = measured.cell(ours, combination(CommitLevel.ON, Mishap.PRIMARY_LOST));
    assertEquals("no loss in 1 try", lost.commits());
    Cell power = measured.cell(ours, combination(CommitLevel.ON, Mishap.ALL_POWER));
    assertEquals("not run", power.commits());
    assertEquals("no power switch", power.whyNot());
    Cell failed = measured.cell(ours, combination(CommitLevel.ON, Mishap.ALL_KILLED));
    assertEquals("not run", failed.commits());
    assertEquals("it did not start", failed.whyNot());
    for (Need need : Need.values()) {
      // no level promises that what was read stays, or what was acknowledged without names
      Optional<String> expected =
          need == Need.READS || need == Need.EMPTIED
              ? Optional.empty()
              : Optional.of(Measured.NOT_RUN);
      assertEquals(expected, measured.level(ours, need, Standbys.ONE), need.text());
    }
    String text = GuaranteesText.of(measured);
    assertTrue(text.contains("Not run on Phaistos (simulated): no power switch."), text);
  }

  /** remote_write survives no power cut by promise, even if a few tries lose nothing. */
  @Test
  void aLevelIsNamedOnlyIfItIsPromised() {
    Measured measured = new Measured();
    for (CommitLevel level : CommitLevel.values()) {
      measured.add(attempt(level, Mishap.ALL_POWER_FAILOVER, 1, 0, Optional.empty()));
    }
    Measured.Database ours = new Measured.Database("phaistos", "simulated");
    assertEquals(Optional.of("on"), measured.level(ours, Need.ALL_POWER_LOST, Standbys.ANY_1_OF_2));
  }

  @Test
  void aBrokenPromiseIsNamed() {
    Measured measured = new Measured();
    measured.add(attempt(CommitLevel.ON, Mishap.PRIMARY_LOST, 1, 0, Optional.empty()));
    measured.add(attempt(CommitLevel.ON, Mishap.PRIMARY_LOST, 2, 3, Optional.empty()));
    measured.add(attempt(CommitLevel.LOCAL, Mishap.PRIMARY_LOST, 1, 5, Optional.empty()));
    Measured.Database ours = new Measured.Database("phaistos", "simulated");
    assertEquals(
        List.of(combination(CommitLevel.ON, Mishap.PRIMARY_LOST)),
        measured.broken(ours).stream().map(Cell::combination).toList());
    assertTrue(
        GuaranteesText.first(measured, ours)
            .contains(
                "./phaistos guarantees --level on --standbys any-1 --fault primary-lost --seed 2"),
        GuaranteesText.first(measured, ours));
    assertTrue(GuaranteesPage.of(measured).contains("against the documentation"));
  }

  @Test
  void aCampaignGoesOnWhereItWasEnded(@TempDir Path folder) throws IOException {
    Attempt first = attempt(CommitLevel.ON, Mishap.PRIMARY_LOST, 1, 2, Optional.empty());
    Attempt second = attempt(CommitLevel.OFF, Mishap.ALL_KILLED, 7, 0, Optional.of("\"why\""));
    GuaranteesStore store = new GuaranteesStore(folder);
    store.add(first);
    store.add(second);
    assertEquals(
        List.of(first, second),
        AttemptText.read(Files.readAllLines(folder.resolve("attempts.edn")), "attempts.edn"));
    // ended while it wrote
    Files.writeString(
        folder.resolve("attempts.edn"),
        AttemptText.line(first).substring(0, 40),
        StandardOpenOption.APPEND);
    Measured again = new GuaranteesStore(folder).measured();
    Measured.Database ours = new Measured.Database("phaistos", "simulated");
    assertTrue(again.has(ours, first.combination(), 1));
    assertFalse(again.has(ours, second.combination(), 7), "nothing was measured");
    Files.writeString(folder.resolve("attempts.edn"), "{:db 1}\n" + AttemptText.line(first) + "\n");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new GuaranteesStore(folder));
    assertTrue(e.getMessage().contains("attempts.edn: line 1: no attempt"), e.getMessage());
  }

  private static Combination combination(CommitLevel level, Mishap mishap) {
    return new Combination(level, Standbys.ANY_1_OF_2, mishap);
  }

  private static Attempt attempt(
      CommitLevel level, Mishap mishap, long seed, int lost, Optional<String> problem) {
    return new Attempt(
        "phaistos",
        "simulated",
        combination(level, mishap),
        seed,
        "nothing was slow",
        40,
        lost,
        0,
        lost,
        OptionalLong.of(12),
        lost == 0
            ? List.of()
            : List.of(new Attempt.Witness("an acknowledged commit", 17, "742", "0/9A0", "n1", -3)),
        problem);
  }
}
