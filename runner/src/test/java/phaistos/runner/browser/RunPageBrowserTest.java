package phaistos.runner.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import phaistos.harness.ClusterPlan;
import phaistos.harness.Harness;
import phaistos.harness.Progress;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;
import phaistos.workloads.commits.Commits;

/**
 * The page of a run as a person sees it: opened from the file, filtered, expanded, and followed
 * from a loss to its bytes. With the system property {@code phaistos.screenshots} set to a folder,
 * every state is kept there as a picture.
 */
class RunPageBrowserTest {
  /** The elements that stick out. */
  private static final String WIDE =
      "[...document.querySelectorAll('main"
          + " *')].filter(e=>e.getBoundingClientRect().right>innerWidth&&!e.closest('.scroll,.strip,pre')).map(e=>e.tagName+'.'+e.className).join('"
          + " ')";

  @TempDir static Path folder;

  private static Chromium browser;
  private static String page;

  @BeforeAll
  static void aFailingRunIsOpen() throws IOException {
    browser = Chromium.start(folder.resolve("profile"));
    TestPlan plan =
        TestPlan.of(Commits.NAME, Commits::workload)
            .cluster(ClusterPlan.DEFAULT.withDefects(List.of("ack-before-standby-flush")))
            .nemesis("partition", "kill")
            .timeLimit(Duration.ofSeconds(10))
            .seed(3)
            .output(new TestPlan.Output(folder.resolve("store"), Optional.of("./phaistos run")));
    TestResult result = Harness.run(plan, Progress.NONE, Instant.EPOCH);
    assertEquals(1, result.exitCode(), String.join("\n", result.firstScreen()));
    page = result.folder().resolve("index.html").toUri().toString();
  }

  @AfterAll
  static void end() {
    if (browser != null) {
      browser.close();
    }
  }

  private static void open(int width, boolean dark) {
    browser.look(width, dark);
    browser.open("about:blank#" + width + dark);
    browser.open(page);
    for (String part : List.of("charts", "events", "audit", "operations")) {
      browser.await("document.getElementById('" + part + "').dataset.ready");
    }
  }

  private static void keep(String name) throws IOException {
    String to = System.getProperty("phaistos.screenshots", "");
    if (!to.isEmpty()) {
      browser.screenshot(Path.of(to).resolve(name + ".png"));
    }
  }

  @ParameterizedTest
  @CsvSource({"400,false", "400,true", "1280,false", "1280,true"})
  void itFitsAndShowsTheVerdictFirst(int width, boolean dark) throws IOException {
    open(width, dark);
    keep("run-" + width + (dark ? "-dark" : "-light"));
    assertEquals(List.of(), browser.problems());
    assertTrue(
        browser.eval("document.documentElement.scrollWidth <= innerWidth").asBoolean(),
        "wider than the window: " + browser.eval(WIDE));
    assertEquals("INVALID", browser.text("p.word"));
    assertTrue(
        browser
            .eval("document.querySelector('.join').getBoundingClientRect().bottom < 900")
            .asBoolean(),
        "the proof is not on the first screen");
    String ground = browser.eval("getComputedStyle(document.body).backgroundColor").asText();
    assertEquals(dark ? "rgb(21, 24, 28)" : "rgb(251, 250, 247)", ground);
    assertTrue(browser.eval("document.querySelectorAll('#charts canvas').length").asInt() >= 4);
  }

  @Test
  void faultsTellTheirEffect() {
    open(1280, false);
    browser.click(".strip button[data-kind=partition]");
    String told = browser.text("#charts .tell");
    assertTrue(told.matches("(?s)partition.*(cut|reached).*from [0-9.]+ s.*"), told);
  }

  @ParameterizedTest
  @CsvSource({"400", "1280"})
  void aLossIsFollowedToItsBytes(int width) throws IOException {
    open(width, false);
    String first =
        browser.eval("document.querySelector('#audit tbody tr').dataset.judgement").asText();
    assertEquals("lost", first);
    browser.click("#audit tbody tr");
    String told = browser.text("#audit tr.more");
    assertTrue(told.contains("commit record"), told);
    assertTrue(told.contains("nodes/n1/crash-image/pg_wal/"), told);
    assertTrue(told.contains("./phaistos inspect wal "), told);
    assertTrue(browser.text("#audit tr.more pre.hex").matches("(?s)[0-9a-f]{8}  ([0-9a-f]{2} ).*"));
    keep("bytes-" + width);
    String event = browser.eval("document.querySelector('#audit tbody tr').dataset.event").asText();
    browser.eval(
        "[...document.querySelectorAll('#audit tr.more button')].find(b=>b.innerText==='show the"
            + " operation').click()");
    String operation = browser.text("#operation");
    assertTrue(operation.startsWith("lost: ") && operation.contains(" to " + event), operation);
    assertTrue(browser.eval("view.max - view.min").asDouble() < 1.01, "not zoomed");
    keep("operation-" + width);
  }

  @Test
  void theAuditFiltersAndPages() {
    open(1280, false);
    String values = browser.text("#audit tbody tr td:nth-child(3)");
    int before = browser.eval("document.querySelectorAll('#audit tbody tr').length").asInt();
    browser.type("#audit input", values.split(" ")[0]);
    int after = browser.eval("document.querySelectorAll('#audit tbody tr').length").asInt();
    assertTrue(0 < after && after < before, before + " rows, then " + after);
    browser.type("#audit input", "");
    browser.eval(
        "(s=>{s.value=[...s.options].find(o=>o.text.startsWith('confirmed')).value;"
            + "s.dispatchEvent(new Event('change'))})(document.querySelector('#audit select'))");
    assertEquals(
        "confirmed",
        browser.eval("document.querySelector('#audit tbody tr').dataset.judgement").asText());
    String shown = browser.text("#audit .count");
    assertTrue(shown.contains("page 1 of "), shown);
    browser.eval(
        "[...document.querySelectorAll('#audit button')].find(b=>b.innerText==='next').click()");
    assertTrue(browser.text("#audit .count").contains("page 2 of "));
  }

  @Test
  void eventsAreShownAroundTheFirstLoss() {
    open(1280, false);
    assertTrue(
        browser.text("#events tr.first").contains("lost: "), browser.text("#events tr.first"));
    assertTrue(browser.eval("document.querySelectorAll('#events tr.fault').length").asInt() > 0);
    browser.type("#events select", "n2");
    browser.eval(
        "[...document.querySelectorAll('#events button')].find(b=>b.innerText==='operations')"
            + ".click()");
    String who =
        browser
            .eval(
                "[...new Set([...document.querySelectorAll('#events tbody td:nth-child(2)')]"
                    + ".map(c=>c.innerText))].sort().join()")
            .asText();
    assertEquals("faults,n2", who);
  }

  @Test
  void theDefectIsNamedAfterAClickOnly() {
    open(1280, false);
    String name = "ack-before-standby-flush";
    assertFalse(browser.text("main").contains(name), "named in the open");
    browser.click("#defect summary");
    assertTrue(browser.text("main").contains(name), "not named after the click");
  }
}
