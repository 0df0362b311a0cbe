package phaistos.harness.guarantees;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.durability.CommitLevel;

/**
 * One fault of one cluster, with the clients of some levels at once: {@code synchronous_commit} is
 * a setting of a session.
 */
record Round(Standbys standbys, Mishap mishap, List<CommitLevel> levels) {
  Round {
    levels = List.copyOf(levels);
  }

  static Round of(Combination combination) {
    return new Round(combination.standbys(), combination.mishap(), List.of(combination.level()));
  }

  /**
   * The rounds for combinations, cluster by cluster. A cluster serves several rounds if after each
   * its nodes stand as before. Asynchronous commits get a round without others if the primary comes
   * back, since a commit that waits for its flush flushes the WAL of those before it; and commits
   * at remote_write if standbys lose their power, since a walreceiver on a slow disk answers only
   * when no more WAL is coming.
   */
  static List<List<Round>> clusters(List<Combination> combinations) {
    record Key(Standbys standbys, Mishap mishap, boolean isAlone) {}
    record Shared(Standbys standbys, Optional<Key> alone) {}
    Map<Key, List<CommitLevel>> rounds = new LinkedHashMap<>();
    for (Combination each : combinations) {
      Key key = new Key(each.standbys(), each.mishap(), isAlone(each));
      rounds.computeIfAbsent(key, _ -> new ArrayList<>()).add(each.level());
    }
    Map<Shared, List<Round>> clusters = new LinkedHashMap<>();
    rounds.forEach(
        (key, levels) -> {
          Optional<Key> alone = key.mishap.keepsPrimary() ? Optional.empty() : Optional.of(key);
          clusters
              .computeIfAbsent(new Shared(key.standbys, alone), _ -> new ArrayList<>())
              .add(new Round(key.standbys, key.mishap, levels));
        });
    return List.copyOf(clusters.values());
  }

  private static boolean isAlone(Combination each) {
    return switch (each.level()) {
      case OFF -> each.mishap().keepsPrimary();
      case REMOTE_WRITE -> each.mishap() == Mishap.ALL_POWER_FAILOVER;
      case LOCAL, ON, REMOTE_APPLY -> false;
    };
  }

  Combination combination(CommitLevel level) {
    return new Combination(level, standbys, mishap);
  }

  /** Nothing was measured. */
  List<Attempt> failed(Measured.Database database, long seed, String problem) {
    return levels.stream()
        .map(
            level ->
                Attempt.failed(
                    database.name(), database.cluster(), combination(level), seed, problem))
        .toList();
  }
}
