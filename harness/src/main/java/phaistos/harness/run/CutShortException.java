package phaistos.harness.run;

/** A run ended before its time because somebody wanted it to. */
public final class CutShortException extends RuntimeException {
  CutShortException(String message) {
    super(message);
  }
}
