package phaistos.runner;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * The terminal at standard error, as the launcher found it. The system property {@code
 * phaistos.terminal} is its type ($TERM) if standard error is a terminal.
 */
final class Terminal {
  private static final int USUAL_COLUMNS = 80;

  private Terminal() {}

  /** Whether standard error is a terminal. */
  static boolean isThere() {
    return System.getProperty("phaistos.terminal") != null;
  }

  /** Whether a line can be written over. */
  static boolean canRewrite() {
    String type = System.getProperty("phaistos.terminal", "");
    return !type.isEmpty() && !type.equals("dumb");
  }

  /** The current width: from the terminal, else $COLUMNS, else 80. */
  static int columns() {
    int said = said();
    return said > 0 ? said : number(System.getenv("COLUMNS"), USUAL_COLUMNS);
  }

  private static int said() {
    try {
      Process process =
          new ProcessBuilder("sh", "-c", "stty size <&2")
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String size = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      boolean isOver = process.waitFor(1, TimeUnit.SECONDS) && process.exitValue() == 0;
      return isOver ? number(size.strip().replaceFirst(".* ", ""), 0) : 0;
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private static int number(String text, int otherwise) {
    return text != null && text.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(text) : otherwise;
  }
}
