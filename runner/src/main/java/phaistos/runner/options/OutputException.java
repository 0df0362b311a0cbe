package phaistos.runner.options;

/**
 * The output could not be written: a full disk, a store without permission. The command ends with
 * {@link ExitCode#CRASHED}. The message names the path; no stack trace is shown.
 */
public final class OutputException extends RuntimeException {
  public OutputException(String message, Throwable cause) {
    super(message, cause);
  }
}
