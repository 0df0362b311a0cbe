package phaistos.checker.linearizability;

/** A model's answer to a call: the state after it, or why it is impossible in this state. */
public sealed interface Step<S> {
  record Next<S>(S state) implements Step<S> {}

  /** {@code reason} is for people: "can't read 3 from register 2". */
  record Inconsistent<S>(String reason) implements Step<S> {}

  static <S> Step<S> next(S state) {
    return new Next<>(state);
  }

  static <S> Step<S> inconsistent(String reason) {
    return new Inconsistent<>(reason);
  }
}
