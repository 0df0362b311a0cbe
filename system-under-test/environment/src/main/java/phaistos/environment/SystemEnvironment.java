package phaistos.environment;

import java.util.function.BiConsumer;

/**
 * The real world: the machine's clock, files, sockets and threads. The caller gives the disk, since
 * a node may run on a plain folder or on one that can lose its unsynced writes.
 */
public record SystemEnvironment(
    Clock clock, Tasks tasks, Disk disk, Network network, Randomness randomness)
    implements Environment {

  /**
   * @param node the node's name, put before the names of its threads
   * @param onFailure receives every exception that escapes a task
   */
  public static SystemEnvironment of(
      String node, Disk disk, long seed, BiConsumer<Task, Throwable> onFailure) {
    return new SystemEnvironment(
        new SystemClock(),
        new SystemTasks(node + "/", onFailure),
        disk,
        new SystemNetwork(),
        new SeededRandomness(seed));
  }
}
