package phaistos.runner;

import java.util.Locale;
import phaistos.runner.options.ExitCode;

/**
 * Where the JVM begins. Nothing that escapes ends with the JVM's own exit code for it, which is 1
 * and would mean invalid; and no text depends on the user's language.
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
