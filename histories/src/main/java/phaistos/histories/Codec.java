package phaistos.histories;

/** Between a workload's sealed payload and what stands in the history. */
public interface Codec<C> {
  /** The payload; an {@link IllegalArgumentException} that says what is wrong with the call. */
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
