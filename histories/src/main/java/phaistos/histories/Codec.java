package phaistos.histories;

/**
 * Converts between a workload's typed payload and the {@code :f} and {@code :value} of a history.
 */
public interface Codec<C> {
  /**
   * The payload of a call.
   *
   * @throws IllegalArgumentException if the call has no payload; says what is wrong
   */
  C decode(UntypedCall call);

  UntypedCall encode(C call);

  /** The identity, for a workload whose payload is the history's own. */
  static Codec<UntypedCall> untyped() {
    return new Codec<>() {
      @Override
      public UntypedCall decode(UntypedCall call) {
        return call;
      }

      @Override
      public UntypedCall encode(UntypedCall call) {
        return call;
      }
    };
  }
}
