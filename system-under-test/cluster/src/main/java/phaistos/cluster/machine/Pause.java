package phaistos.cluster.machine;

import java.time.Duration;
import phaistos.cluster.ClusterException;

/** Waiting in real time. */
public final class Pause {
  private Pause() {}

  /**
   * @throws ClusterException if the thread is interrupted
   */
  public static void of(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException("interrupted", e);
    }
  }
}
