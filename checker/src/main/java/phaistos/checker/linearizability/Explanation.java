package phaistos.checker.linearizability;

import java.util.List;
import java.util.Optional;
import phaistos.histories.Edn;

/**
 * Why a history is not linearizable, in the words of Knossos. Every list is capped and says so.
 *
 * @param key the independent key, if there are any
 * @param stop the operation that cannot be linearized before it returned
 * @param previousOk the operation that returned last before it, if any
 * @param configurations possible states of the object right before that return (at most ten)
 * @param configurationsLeftOut how many more there were
 * @param prefix the longest linearizable prefix: an order that explains everything that returned
 *     before the stop
 * @param prefixLeftOut how many operations of that order, from its start, are not listed
 * @param minimal the operations that together have no order, in the order of their invocations
 * @param minimalNote how minimal they are
 * @param around the last operations up to the stop, for the picture (at most 120)
 * @param faults the faults meanwhile
 */
public record Explanation(
    Optional<Edn> key,
    Op stop,
    Optional<Op> previousOk,
    List<Configuration> configurations,
    int configurationsLeftOut,
    List<Op> prefix,
    int prefixLeftOut,
    List<Op> minimal,
    String minimalNote,
    List<Op> around,
    List<Fault> faults) {
  /**
   * One operation, as shown to people.
   *
   * @param completedAt the index of its ok; -1 if it is open to the end
   * @param isCore whether leaving this one out makes the minimal sub-history linearizable
   */
  public record Op(
      long process, String call, long invokedAt, long completedAt, boolean isOk, boolean isCore) {
    @Override
    public String toString() {
      String when = isOk ? invokedAt + ".." + completedAt : invokedAt + "..open";
      return "process " + process + " " + call + " (" + when + ")";
    }
  }

  /**
   * A state that explains everything before the stop, with the operations open then.
   *
   * @param pending operations that may still be linearized
   * @param paths continuations, each up to its dead end
   * @param pathsLeftOut whether there are more
   */
  public record Configuration(
      String state, List<Op> pending, List<Path> paths, boolean pathsLeftOut) {}

  /** Operations in sequence, until one is impossible. */
  public record Path(List<PathStep> steps) {}

  /**
   * @param result the state after it, or the model's reason why it cannot happen
   */
  public record PathStep(Op op, String result, boolean isPossible) {}

  /** An act of the nemesis. */
  public record Fault(long index, String process, String type, String text) {}
}
