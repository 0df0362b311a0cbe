package phaistos.checker.durability;

/** What a client was told about its transaction. */
public enum Outcome {
  /** The commit was acknowledged. */
  ACKNOWLEDGED,
  /** It was rolled back, or certainly did not happen. */
  ROLLED_BACK,
  /** Indeterminate: it may have happened. */
  INDETERMINATE;

  /** Lower case, with a space. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
  }
}
