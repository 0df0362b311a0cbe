package phaistos.checker.linearizability;

/**
 * What a model may know about the future, so that a search turns back early where the state keeps
 * the order of what happened (a list that only grows): without it, it would try every order of the
 * calls that follow a wrong one. In such a model, calls that are no observations can happen in
 * every state.
 */
public interface Foresight<S, C> extends Model<S, C> {
  /**
   * Whether the observation can still happen: in this state, or in one that is reached from it by
   * calls that are no overwrites ({@link Model#isOverwrite}). Saying no wrongly gives wrong
   * verdicts; saying yes costs time only.
   */
  boolean canStillHappen(S state, C observation);
}
