package phaistos.server.steps;

/**
 * Replaces a step's act. It receives the act and decides what happens to it:
 *
 * <ul>
 *   <li><b>skip</b>: it does not run it;
 *   <li><b>delay</b> or <b>hold</b>: it waits, then runs it ({@link Hold});
 *   <li><b>repeat</b>: it runs it twice;
 *   <li><b>reorder</b>: it stores the act, and the action of another step runs it;
 *   <li><b>lie</b>: it runs it, or not, and returns another result;
 *   <li><b>throw</b>: before it or after it.
 * </ul>
 *
 * <p>It runs on the task that takes the step and under that task's locks. In the simulator it may
 * wait only through the node's ports. Its exceptions reach the caller of the step as if the act had
 * thrown them.
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
