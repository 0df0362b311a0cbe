package phaistos.runner.options;

/**
 * The request cannot be carried out: a wrong option, a missing file, a port in use. The command
 * ends with {@link ExitCode#BAD_ARGUMENTS}. The message names it; no stack trace is shown.
 */
public final class UsageException extends RuntimeException {
  public UsageException(String message) {
    super(message);
  }

  public UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
