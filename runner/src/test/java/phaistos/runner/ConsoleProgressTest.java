package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private ConsoleProgress progress(boolean rewrites, int columns) {
    ConsoleProgress progress =
        new ConsoleProgress(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new ConsoleProgress.Display(rewrites, () -> columns),
            true,
            (Path _) -> {});
    progress.phase("load");
    progress.time(3_723_400_000_000L);
    for (int i = 0; i < 123_456; i++) {
      progress.countOk();
    }
    progress.lag(987_654_321);
    return progress;
  }

  @Test
  void aLineFitsTheTerminalAndKeepsWhatMattersMost() {
    try (ConsoleProgress progress = progress(false, 80)) {
      assertEquals("load  3723.4 s  ok 123456  fail 0", progress.line(39));
      assertEquals(
          "load  3723.4 s  ok 123456  fail 0  info 0  faults 0  lag 987654321 B",
          progress.line(79));
      assertEquals("load", progress.line(5));
      assertEquals("", progress.line(1));
      String all = progress.line(Integer.MAX_VALUE);
      assertTrue(all.matches(".*  lag 987654321 B  simulated in [0-9.]+ s"), all);
    }
  }

  /** No line is longer than the terminal, each is over the one before, and none is left. */
  @Test
  void aTerminalOfFortyColumnsHasOneLineThatIsWrittenOver() {
    try (ConsoleProgress _ = progress(true, 40)) {
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> text().contains("ok 123456"));
    }
    String text = text();
    assertFalse(text.contains("\n"), text);
    assertFalse(text.contains("\u001b"), "an escape sequence");
    for (String line : text.split("\r")) {
      assertTrue(line.length() < 40, line);
    }
    assertTrue(text.matches("(?s).*\r +\r"), "the last line is blank");
  }

  @Test
  void figuresDoNotDependOnTheLanguage() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try (ConsoleProgress progress = progress(false, 80)) {
      assertEquals("load  3723.4 s  ok 123456  fail 0", progress.line(39));
    } finally {
      Locale.setDefault(before);
    }
  }

  private String text() {
    return out.toString(StandardCharsets.UTF_8);
  }
}
