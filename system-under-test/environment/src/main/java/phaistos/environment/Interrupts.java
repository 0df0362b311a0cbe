package phaistos.environment;

/**
 * Interrupts are not part of the ports: tasks are told to end through latches and closed
 * connections. An interrupted task would otherwise spin in its waiting loop.
 */
final class Interrupts {
  private Interrupts() {}

  static void refuse() {
    if (Thread.interrupted()) {
      throw new IllegalStateException(
          "task interrupted, which the ports do not know: task="
              + Thread.currentThread().getName());
    }
  }
}
