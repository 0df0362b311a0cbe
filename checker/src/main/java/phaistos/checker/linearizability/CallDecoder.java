package phaistos.checker.linearizability;

import phaistos.histories.UntypedCall;

/** From what stands in a history to a model's call. */
public interface CallDecoder<C> {
  /**
   * @param process the client process, for models in which it matters who calls
   * @throws IllegalArgumentException that says what is wrong with the call
   */
  C decode(long process, UntypedCall call);
}
