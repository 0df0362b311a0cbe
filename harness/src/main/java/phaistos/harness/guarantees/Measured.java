package phaistos.harness.guarantees;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.durability.CommitLevel;

/** The measurements of all databases. */
public final class Measured {
  /**
   * A database, and where its nodes ran.
   *
   * @param name "phaistos", "postgres:15"
   * @param cluster "simulated", "processes"
   */
  public record Database(String name, String cluster) {
    public String title() {
      return name.equals("phaistos") && cluster.equals("simulated")
          ? "Phaistos (simulated)"
          : name + " (" + cluster + ")";
    }
  }

  static final String NOT_RUN = "not run";

  private final Map<Database, Map<Combination, List<Attempt>>> attempts = new LinkedHashMap<>();
  private final Map<Database, Map<Mishap, String>> objections = new LinkedHashMap<>();

  /** Adds a try; one of the same seed is replaced. */
  public void add(Attempt attempt) {
    List<Attempt> cell =
        of(new Database(attempt.database(), attempt.cluster()))
            .computeIfAbsent(attempt.combination(), _ -> new ArrayList<>());
    cell.removeIf(other -> other.seed() == attempt.seed());
    cell.add(attempt);
  }

  /** Says why a fault cannot be had on a database. */
  public void object(Database database, Mishap mishap, String why) {
    of(database);
    objections.computeIfAbsent(database, _ -> new LinkedHashMap<>()).put(mishap, why);
  }

  private Map<Combination, List<Attempt>> of(Database database) {
    return attempts.computeIfAbsent(database, _ -> new LinkedHashMap<>());
  }

  /** Whether a seed was tried and something was measured. */
  public boolean has(Database database, Combination combination, long seed) {
    return cell(database, combination).measured().stream().anyMatch(a -> a.seed() == seed);
  }

  List<Database> databases() {
    return List.copyOf(attempts.keySet());
  }

  Cell cell(Database database, Combination combination) {
    return new Cell(
        combination,
        attempts.getOrDefault(database, Map.of()).getOrDefault(combination, List.of()),
        Optional.ofNullable(objections.getOrDefault(database, Map.of()).get(combination.mishap())));
  }

  /** All cells of a database, fault by fault. */
  List<Cell> cells(Database database) {
    return Combination.all().stream().map(each -> cell(database, each)).toList();
  }

  /** The cells in which a promise of the documentation was broken. */
  List<Cell> broken(Database database) {
    return cells(database).stream().filter(Cell::breaksPromise).toList();
  }

  /**
   * The weakest level that survived with these standbys, or the strongest with which commits went
   * on.
   *
   * @return empty if none did; {@link #NOT_RUN} if a cell that decides it was not run
   */
  Optional<String> level(Database database, Need need, Standbys standbys) {
    List<CommitLevel> levels = List.of(CommitLevel.values());
    for (CommitLevel level : need.wantsStrongest() ? levels.reversed() : levels) {
      boolean isMeasured = true;
      boolean isMet = true;
      for (Mishap mishap : need.mishaps()) {
        Cell cell = cell(database, new Combination(level, standbys, mishap));
        isMeasured &= cell.isMeasured();
        isMet &= need.isMetBy(cell);
      }
      if (isMet) {
        return Optional.of(isMeasured ? level.word() : NOT_RUN);
      }
    }
    return Optional.empty();
  }
}
