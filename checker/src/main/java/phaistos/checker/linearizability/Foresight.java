package phaistos.checker.linearizability;

/**
 * A model's knowledge about the future. It lets a search turn back early if the state keeps the
 * order of events, as a list that only grows does. Without it the search would try every order of
 * the calls after a wrong one. In such a model, calls other than observations are possible in every
 * state.
 */
public interface Foresight<S, C> extends Model<S, C> {
  /**
   * Whether the observation can still happen in this state, or in one reached from it without
   * overwrites ({@link Model#isOverwrite}). A wrong no gives wrong verdicts; a wrong yes only costs
   * time.
   */
  boolean canStillHappen(S state, C observation);
}
