package phaistos.harness.guarantees;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import phaistos.cluster.Cluster;
import phaistos.harness.ClusterPlan;
import phaistos.harness.Deployment;

/**
 * Tries combinations of settings and faults on one database.
 *
 * @param defects planted in it, to see that a broken promise is found
 */
public record Guarantees(Deployment deployment, List<String> defects) {
  public Guarantees(Deployment deployment) {
    this(deployment, List.of());
  }

  /** Why this database cannot have this fault; empty if it can. */
  public Optional<String> objection(Mishap mishap) {
    return mishap.objection(deployment.capabilities());
  }

  public Measured.Database database() {
    return new Measured.Database(deployment.database(), deployment.word());
  }

  /** One try; a failure of the machinery is an attempt without a measurement. */
  public Attempt attempt(Combination combination, long seed) {
    List<Attempt> attempts = new ArrayList<>();
    settle(List.of(Round.of(combination)), seed, attempts::add);
    return attempts.getFirst();
  }

  /**
   * One try of each. In the simulator each has a cluster of its own, and so a history that does not
   * depend on the others; real clusters are shared as {@link Round#clusters} says.
   *
   * @param done takes each result as soon as it is there
   */
  public void attempts(List<Combination> combinations, long seed, Consumer<Attempt> done) {
    if (deployment.isSimulated()) {
      combinations.forEach(each -> done.accept(attempt(each, seed)));
      return;
    }
    for (List<Round> rounds : Round.clusters(combinations)) {
      List<Round> left = rounds;
      while (!left.isEmpty()) {
        left = left.subList(settle(left, seed, done), left.size());
      }
    }
  }

  /**
   * Plays rounds on one cluster, until one cannot be measured.
   *
   * @return how many are settled, at least one
   */
  int settle(List<Round> rounds, long seed, Consumer<Attempt> done) {
    Round first = rounds.getFirst();
    ClusterPlan nodes =
        ClusterPlan.DEFAULT
            .withNodes(first.standbys().nodes())
            .withStandbyNames(first.standbys().names())
            .withSynchronousCommit("on")
            .withDefects(defects);
    boolean cutsPower = rounds.stream().anyMatch(round -> round.mishap().cutsPower());
    Deployment chosen = cutsPower ? deployment : deployment.withoutPowerCuts();
    AtomicInteger settled = new AtomicInteger();
    try {
      chosen.experiment(nodes, seed, cluster -> play(cluster, rounds, seed, done, settled));
    } catch (RuntimeException e) {
      if (settled.get() == 0) {
        first.failed(database(), seed, e.toString()).forEach(done);
        return 1;
      }
    }
    return settled.get();
  }

  private Void play(
      Cluster cluster,
      List<Round> rounds,
      long seed,
      Consumer<Attempt> done,
      AtomicInteger settled) {
    cluster.start();
    boolean isMeasured = true;
    while (isMeasured && settled.get() < rounds.size()) {
      Round round = rounds.get(settled.get());
      Scene scene = new Scene(cluster, round, seed, settled.incrementAndGet());
      List<Attempt> attempts = scene.run(database(), seed);
      attempts.forEach(done);
      isMeasured = attempts.stream().allMatch(Attempt::isMeasured);
    }
    return null;
  }
}
