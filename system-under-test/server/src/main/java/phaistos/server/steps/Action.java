package phaistos.server.steps;

/**
 * What takes the place of a step's act. It gets the act and decides what becomes of it:
 *
 * <ul>
 *   <li><b>skip</b>: it does not run it;
 *   <li><b>delay</b> or <b>hold</b>: it waits, then runs it ({@link Hold});
 *   <li><b>repeat</b>: it runs it twice;
 *   <li><b>reorder</b>: it keeps it, and the action of another step runs it;
 *   <li><b>lie</b>: it runs it, or not, and answers something else;
 *   <li><b>throw</b>: before it or behind it.
 * </ul>
 *
 * <p>It runs on the task that takes the step, with whatever locks that task holds, and in the
 * simulator it may wait through the node's ports only. What it throws goes to the code around the
 * step as if the act had thrown it.
 *
 * @param <A> what the step is about
 * @param <R> what the step answers
 */
@FunctionalInterface
public interface Action<A, R> {
  R at(A about, Act<R, Exception> act) throws Exception;

  /** Leaves the act out. For steps that answer nothing. */
  static <A> Action<A, Void> skip() {
    return (_, _) -> null;
  }

  /** Runs the act twice and answers what the second run did. */
  static <A, R> Action<A, R> repeat() {
    return (_, act) -> {
      act.run();
      return act.run();
    };
  }
}
