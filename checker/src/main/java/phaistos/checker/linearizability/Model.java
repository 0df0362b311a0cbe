package phaistos.checker.linearizability;

import java.util.Optional;
import phaistos.histories.Edn;

/**
 * A sequential specification: what a correct object answers when calls come one after the other.
 *
 * <p>Pure: {@code step} depends only on its arguments and changes neither. States and calls are
 * compared with {@code equals} and hashed (records do). The call of an operation that returned
 * carries its result; the call of one that did not (a crash, a timeout) is its invocation, and
 * {@code step} must then allow every possible result.
 *
 * @param <S> state of the object, or of one key's part if {@link #independentKey} gives keys
 * @param <C> a call, which for a completed operation carries the result
 */
public interface Model<S, C> {
  S initial();

  Step<S> step(S state, C call);

  /**
   * The part of the object that this call touches, if the object consists of independent parts.
   * Each part is then checked alone (linearizability is local; Herlihy and Wing 1990, theorem 1).
   * Either all calls of a history have a key, or none has.
   */
  default Optional<Edn> independentKey(C call) {
    return Optional.empty();
  }

  /**
   * Whether the call changes the state in no case: a read, a failed comparison. A wrong yes gives
   * wrong verdicts; a wrong no only costs time.
   */
  default boolean isObservation(C call) {
    return false;
  }

  /**
   * Whether the call is possible in every state and always leaves the same state: a plain write. A
   * wrong yes gives wrong verdicts; a wrong no only costs time.
   */
  default boolean isOverwrite(C call) {
    return false;
  }

  /** The model's description for a monitor, if there is one for such objects. */
  default Optional<Monitored<C>> monitored() {
    return Optional.empty();
  }

  /** The call, for people. */
  default String describe(C call) {
    return call.toString();
  }

  /** The state, for people. */
  default String describeState(S state) {
    return state.toString();
  }
}
