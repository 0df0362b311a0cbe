package phaistos.runner;

/**
 * What the user asked for cannot be done: a wrong option, a file that is not there, a port in use.
 * The message names it; no stack trace is shown.
 */
final class UsageException extends RuntimeException {
  UsageException(String message) {
    super(message);
  }

  UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
