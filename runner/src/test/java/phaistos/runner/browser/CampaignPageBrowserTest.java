package phaistos.runner.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import phaistos.harness.Violation;
import phaistos.harness.campaign.CampaignOptions;
import phaistos.harness.campaign.CampaignReport;
import phaistos.harness.campaign.Entry;
import phaistos.harness.campaign.RunResult;

/** The page of campaigns in a browser: three made-up nights of 120 runs. */
class CampaignPageBrowserTest {
  private static final Instant BEGAN = Instant.parse("2026-07-01T22:00:00Z");

  @TempDir static Path folder;

  private static Chromium browser;

  @BeforeAll
  static void aPageIsWritten() throws IOException {
    browser = Chromium.start(folder.resolve("profile"));
    List<Entry> entries = new ArrayList<>();
    Entry.Night last = null;
    int number = 0;
    for (int night = 1; night <= 3; night++) {
      Instant began = BEGAN.plus(Duration.ofDays(night));
      last = new Entry.Night("night-" + night, began, "--for 8h", "3fa9c1e", 1);
      entries.add(last);
      for (int i = 0; i < 120; i++) {
        entries.add(run(++number, last.id(), began.plusSeconds(10L * i), i));
      }
    }
    CampaignOptions options =
        new CampaignOptions(
            Path.of("store"),
            Optional.empty(),
            Optional.of(9),
            OptionalLong.empty(),
            1,
            Duration.ofMinutes(1),
            Duration.ZERO,
            List.of(),
            Set.of(),
            "",
            List.of());
    Files.writeString(
        folder.resolve("index.html"),
        new CampaignReport(options, entries, last, Optional.empty()).page());
  }

  private static Entry.Run run(int number, String night, Instant ended, int i) {
    boolean fails = i % 40 == 7;
    RunResult result =
        new RunResult(
            fails ? RunResult.Ending.INVALID : RunResult.Ending.VALID,
            fails ? "INVALID  commits under kill (2): 9 of 940 commits were lost" : "VALID  all",
            "commits,register",
            fails ? List.of(new Violation("audit after replay", "lost: a row #")) : List.of(),
            Map.of("a commit in doubt", i),
            Map.of("kill", i % 3, "pause", 0),
            60_000_000_000L,
            5_000 + i,
            Optional.empty(),
            Optional.empty(),
            fails
                ? Optional.of("runs/%06d/commits-simulated/x".formatted(number))
                : Optional.empty());
    return new Entry.Run(number, night, Entry.Why.FRESH, number, "", ended, result);
  }

  @AfterAll
  static void end() {
    if (browser != null) {
      browser.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"400,false", "400,true", "1280,false", "1280,true"})
  void thePageFitsAndFilters(int width, boolean dark) throws IOException {
    browser.look(width, dark);
    browser.open(folder.resolve("index.html").toUri().toString());
    browser.await("document.getElementById('campaign-runs').dataset.ready");
    String to = System.getProperty("phaistos.screenshots", "");
    if (!to.isEmpty()) {
      browser.screenshot(
          Path.of(to).resolve("campaign-" + width + (dark ? "-dark" : "-light") + ".png"));
    }
    assertEquals(List.of(), browser.problems());
    assertTrue(browser.eval("document.documentElement.scrollWidth <= innerWidth").asBoolean());
    assertEquals(1, browser.eval("document.querySelectorAll('.finding').length").asInt());
    assertEquals(
        5, browser.eval("document.querySelectorAll('.finding .debug .command').length").asInt());
    assertEquals(2, browser.eval("document.querySelectorAll('figure svg').length").asInt());
    assertEquals(25, browser.eval("document.querySelectorAll('tr[data-run]').length").asInt());
    browser.type("#campaign-runs select", "invalid");
    assertEquals(3, browser.eval("document.querySelectorAll('tr[data-run]').length").asInt());
  }
}
