package phaistos.harness;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a run is asked to do.
 *
 * @param rate operations a second that the clients together begin
 * @param defect the planted defect's name
 */
public record RunOptions(
    ClusterKind cluster,
    String workload,
    List<String> nemeses,
    Duration timeLimit,
    int concurrency,
    int rate,
    long seed,
    Optional<String> defect,
    Path store) {

  /** Where the system under test runs. */
  public enum ClusterKind {
    SIMULATED("simulated"),
    CONTAINERS("containers");

    private final String word;

    ClusterKind(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  /** The command that runs this again; the store is left to its default. */
  public String replayCommand() {
    List<String> words = new ArrayList<>(List.of("./phaistos", "run"));
    words.addAll(List.of("--cluster", cluster.word(), "--workload", workload));
    words.addAll(List.of("--nemesis", nemeses.isEmpty() ? "none" : String.join(",", nemeses)));
    words.addAll(List.of("--time-limit", Durations.format(timeLimit)));
    words.addAll(List.of("--concurrency", Integer.toString(concurrency)));
    words.addAll(List.of("--rate", Integer.toString(rate), "--seed", Long.toString(seed)));
    defect.ifPresent(name -> words.addAll(List.of("--defect", name)));
    return String.join(" ", words);
  }

  /** "commits under partition+kill": what the store's folder and the verdict call this run. */
  public String title() {
    String faults = nemeses.isEmpty() ? "no faults" : String.join("+", nemeses);
    return workload + " under " + faults;
  }

  /** The name of the run's folder in the store. */
  public String storeName() {
    return workload + "-" + cluster.word() + defect.map(name -> "-" + name).orElse("");
  }
}
