package phaistos.histories;

/** A payload as in the history: Jepsen's {@code :f} and {@code :value}. */
public record UntypedCall(Edn f, Edn value) {
  /** The name of {@code f}, whether keyword, text or symbol; "nil" where there is none. */
  public String name() {
    return switch (f) {
      case Edn.Keyword keyword -> keyword.name();
      case Edn.Text text -> text.value();
      case Edn.Symbol symbol -> symbol.name();
      default -> EdnWriter.print(f);
    };
  }

  UntypedCall withValue(Edn other) {
    return new UntypedCall(f, other);
  }
}
