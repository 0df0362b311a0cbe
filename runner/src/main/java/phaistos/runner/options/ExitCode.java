package phaistos.runner.options;

/** Jepsen's exit codes. */
public final class ExitCode {
  public static final int VALID = 0;
  public static final int INVALID = 1;
  public static final int UNKNOWN = 2;
  public static final int BAD_ARGUMENTS = 254;

  /** A bug of ours, a store that cannot be written, a full disk. */
  public static final int CRASHED = 255;

  private ExitCode() {}
}
