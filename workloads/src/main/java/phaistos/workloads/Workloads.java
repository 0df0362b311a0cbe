package phaistos.workloads;

import java.util.List;
import java.util.Optional;
import phaistos.workloads.commits.Commits;

/** The workloads that the command line knows by name. */
public final class Workloads {
  private static final List<Entry> ALL =
      List.of(
          new Entry(
              Commits.NAME,
              "transactions insert unique values, some roll back on purpose",
              Commits::workload));

  private Workloads() {}

  /**
   * One of them.
   *
   * @param sentence what its clients do
   */
  public record Entry(String name, String sentence, WorkloadFactory factory) {}

  public static List<Entry> all() {
    return ALL;
  }

  public static Optional<Entry> named(String name) {
    return ALL.stream().filter(entry -> entry.name.equals(name)).findFirst();
  }
}
