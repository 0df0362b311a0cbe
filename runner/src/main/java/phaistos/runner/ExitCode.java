package phaistos.runner;

/** Jepsen's exit codes. */
final class ExitCode {
  static final int VALID = 0;
  static final int INVALID = 1;
  static final int UNKNOWN = 2;
  static final int BAD_ARGUMENTS = 254;
  static final int CRASHED = 255;

  private ExitCode() {}
}
