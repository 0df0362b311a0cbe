package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes out the order that a search found, with observations inserted where they agree. The result
 * can be checked without a search by stepping the model through it.
 */
final class Witness {
  private Witness() {}

  /**
   * An order of operations that explains every return before the one of this rank and none after;
   * empty if none was found within the limits. With the rank at the number of returns it explains
   * the whole history.
   */
  static <S, C> List<Integer> order(
      Model<S, C> model, Problem<C> problem, int rank, Limits limits) {
    Wgl<S, C> search = Search.wgl(model, problem, limits);
    search.run(Long.MAX_VALUE);
    int[] path = search.deepestPath();
    Transitions<S, C> transitions = new Transitions<>(model, problem.calls);
    List<Integer> order = new ArrayList<>();
    boolean[] isDone = new boolean[problem.returns];
    int state = transitions.initial();
    int at = observe(problem, transitions, state, 0, isDone, order);
    for (int chosen : path) {
      int call = chosen >= 0 ? problem.callOf[chosen] : problem.classCall[problem.classOf(~chosen)];
      state = transitions.step(state, call);
      if (chosen >= 0) {
        isDone[chosen] = true;
        order.add(problem.operationOf[chosen]);
      } else {
        order.add(problem.crashedOperation[~chosen]);
      }
      at = observe(problem, transitions, state, at, isDone, order);
    }
    return at >= rank ? order : List.of();
  }

  /** Adds the pending observations that agree with the state; the rank that is reached. */
  private static <S, C> int observe(
      Problem<C> problem,
      Transitions<S, C> transitions,
      int state,
      int from,
      boolean[] isDone,
      List<Integer> order) {
    int at = from;
    while (at < problem.returns) {
      int[] observations =
          Arrays.copyOfRange(
              problem.pending, problem.pendingStart[at], problem.pendingMutators[at]);
      for (int observation : observations) {
        if (!isDone[observation] && transitions.step(state, problem.callOf[observation]) == state) {
          isDone[observation] = true;
          order.add(problem.operationOf[observation]);
        }
      }
      if (!isDone[at]) {
        break;
      }
      while (at < problem.returns && isDone[at]) {
        at++;
      }
    }
    return at;
  }
}
