package phaistos.harness.run;

/** A run was ended early by request. */
public final class CutShortException extends RuntimeException {
  public CutShortException(String message) {
    super(message);
  }
}
