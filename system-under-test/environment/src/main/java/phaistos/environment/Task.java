package phaistos.environment;

/** A running piece of code: a thread of the environment. */
public interface Task {
  String name();

  boolean isDone();

  /** Waits until the task has ended. */
  void join();
}
