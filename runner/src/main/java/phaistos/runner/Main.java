package phaistos.runner;

import java.util.Locale;
import phaistos.runner.options.ExitCode;

/**
 * The main class. An uncaught exception must not end the JVM with its own exit code 1, which would
 * mean invalid. No text depends on the user's locale.
 */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    int exitCode;
    try {
      exitCode = Phaistos.run(arguments);
    } catch (Throwable e) {
      e.printStackTrace();
      exitCode = ExitCode.CRASHED;
    }
    System.exit(exitCode);
  }
}
