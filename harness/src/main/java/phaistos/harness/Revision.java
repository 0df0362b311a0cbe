package phaistos.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The revision of Phaistos. A seed repeats a run only with the same revision. */
public final class Revision {
  private Revision() {}

  /** "3fa9c1e", with "(plus uncommitted changes)" if there are any; "unknown" outside git. */
  public static String describe() {
    String home = System.getProperty("phaistos.home", "");
    if (home.isEmpty()) {
      return "unknown";
    }
    String revision = git(home, "rev-parse", "--short", "HEAD");
    if (revision.isEmpty()) {
      return "unknown";
    }
    boolean changed = !git(home, "status", "--porcelain").isEmpty();
    return changed ? revision + " (plus uncommitted changes)" : revision;
  }

  private static String git(String home, String... arguments) {
    try {
      ProcessBuilder builder = new ProcessBuilder("git", "-C", Path.of(home).toString());
      builder.command().addAll(java.util.List.of(arguments));
      Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? text.strip() : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
