package phaistos.histories;

/**
 * Converts between a workload's typed payload and the {@code :f} and {@code :value} of a history.
 */
public interface Codec<C> {
  /**
   * The payload of a call.
   *
   * @throws IllegalArgumentException if the call has none; says what is wrong
   */
  C decode(UntypedCall call);

  UntypedCall encode(C call);

  /** For a workload whose payload is what stands in the history. */
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
