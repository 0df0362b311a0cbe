package phaistos.harness;

import java.time.Duration;
import phaistos.checker.CheckContext;
import phaistos.histories.RunStore;

/** A checker's context within a run. Artifacts go to {@code checkers/<name>/} in the store. */
final class StoreContext implements CheckContext {
  private final RunStore store;
  private final String folder;
  private final CheckContext limits;

  /** Where a checker's artifacts are in the run's folder. */
  static String folder(String checker) {
    return "checkers/" + checker.replaceAll("[^A-Za-z0-9_.-]+", "-");
  }

  /**
   * @param checker the checker's name; characters that a file name cannot have become dashes
   */
  StoreContext(RunStore store, String checker, Duration limit) {
    this.store = store;
    this.folder = folder(checker);
    this.limits = CheckContext.within(limit.toNanos());
  }

  @Override
  public long deadlineNanos() {
    return limits.deadlineNanos();
  }

  @Override
  public boolean isCancelled() {
    return limits.isCancelled();
  }

  @Override
  public void writeArtifact(String name, byte[] content) {
    store.write(folder + "/" + name, content);
  }
}
