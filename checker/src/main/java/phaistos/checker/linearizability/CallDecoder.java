package phaistos.checker.linearizability;

import phaistos.histories.UntypedCall;

/** Turns a value of a history into a model's call. */
public interface CallDecoder<C> {
  /**
   * @param process the client process, for models that depend on the caller
   * @throws IllegalArgumentException that says what is wrong with the call
   */
  C decode(long process, UntypedCall call);
}
