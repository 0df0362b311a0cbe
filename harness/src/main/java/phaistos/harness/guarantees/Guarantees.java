package phaistos.harness.guarantees;

import java.util.List;
import java.util.Optional;
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

  /** One try; a failure of the machinery is an attempt without a measurement. */
  public Attempt attempt(Combination combination, long seed) {
    ClusterPlan nodes =
        ClusterPlan.DEFAULT
            .withNodes(combination.standbys().nodes())
            .withStandbyNames(combination.standbys().names())
            .withSynchronousCommit(combination.level().word())
            .withDefects(defects);
    String database = deployment.database();
    String word = deployment.word();
    try {
      return deployment.experiment(
          nodes, seed, cluster -> new Scene(cluster, combination, seed).run(database, word, seed));
    } catch (RuntimeException e) {
      return Attempt.failed(database, word, combination, seed, e.toString());
    }
  }
}
