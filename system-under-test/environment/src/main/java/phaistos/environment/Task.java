package phaistos.environment;

/** A running piece of code: a virtual thread of the environment's scheduler. */
public interface Task {
  String name();

  boolean isDone();

  /** Waits until the task has ended. */
  void join();
}
