package phaistos.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The revision of Phaistos. A seed repeats a run only with the same revision. */
public final class Revision {
  private static final Map<String, String> OF_HOMES = new ConcurrentHashMap<>();

  private Revision() {}

  /**
   * "3fa9c1e", with "(plus uncommitted changes)" if there are any; "unknown" outside git. It is
   * asked for once in a JVM: what runs is what was there when the JVM began.
   */
  public static String describe() {
    String home = System.getProperty("phaistos.home", "");
    return home.isEmpty() ? "unknown" : OF_HOMES.computeIfAbsent(home, Revision::of);
  }

  private static String of(String home) {
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
