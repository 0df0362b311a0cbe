package phaistos.runner.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
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
import phaistos.runner.serve.StoreServer;
import phaistos.workloads.commits.Commits;

/** A served store in a browser: the list, two runs side by side, a run, the bytes of a loss. */
class StoreBrowserTest {
  @TempDir static Path folder;

  private static Chromium browser;
  private static StoreServer server;

  @BeforeAll
  static void aStoreIsServed() throws IOException {
    browser = Chromium.start(folder.resolve("profile"));
    Path store = folder.resolve("store");
    for (List<String> defects : List.of(List.<String>of(), List.of("ack-before-standby-flush"))) {
      TestPlan plan =
          TestPlan.of(Commits.NAME, Commits::workload)
              .cluster(ClusterPlan.DEFAULT.withDefects(defects))
              .nemesis("partition")
              .timeLimit(Duration.ofSeconds(10))
              .seed(3)
              .output(new TestPlan.Output(store, Optional.of("./phaistos run")));
      Harness.run(plan, Progress.NONE, Instant.EPOCH.plusSeconds(defects.size()));
    }
    server = new StoreServer(store, InetAddress.getLoopbackAddress(), 0);
  }

  @AfterAll
  static void end() {
    if (browser != null) {
      browser.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static void openList(int width, boolean dark) {
    browser.look(width, dark);
    browser.open("http://127.0.0.1:" + server.port() + "/");
    browser.await(
        "document.getElementById('runs') && document.getElementById('runs').dataset.ready");
  }

  private static void keep(String name) throws IOException {
    String to = System.getProperty("phaistos.screenshots", "");
    if (!to.isEmpty()) {
      browser.screenshot(Path.of(to).resolve(name + ".png"));
    }
  }

  @ParameterizedTest
  @CsvSource({"400,false", "400,true", "1280,false", "1280,true"})
  void theListFitsAndFilters(int width, boolean dark) throws IOException {
    openList(width, dark);
    keep("list-" + width + (dark ? "-dark" : "-light"));
    assertEquals(List.of(), browser.problems());
    assertTrue(browser.eval("document.documentElement.scrollWidth <= innerWidth").asBoolean());
    assertEquals(2, browser.eval("document.querySelectorAll('tr[data-run]').length").asInt());
    browser.type("#runs select", "invalid");
    assertEquals(1, browser.eval("document.querySelectorAll('tr[data-run]').length").asInt());
    browser.type("#runs select", "");
    browser.type("#runs input[type=search]", "no such words");
    assertEquals(0, browser.eval("document.querySelectorAll('tr[data-run]').length").asInt());
  }

  @Test
  void twoRunsAreCompared() throws IOException {
    openList(1280, false);
    for (int row : List.of(0, 1)) {
      browser.eval("document.querySelectorAll('tr[data-run] input')[" + row + "].click()");
    }
    browser.eval(
        "[...document.querySelectorAll('button')].find(b=>b.innerText==='compare two').click()");
    browser.await("location.pathname === '/compare' && document.querySelector('tr.fault')");
    keep("compare");
    String text = browser.text("main");
    assertTrue(text.contains("differs from line"), text);
    assertTrue(text.contains("acknowledged commits were lost"), text);
  }

  @Test
  void aLossIsFollowedFromTheListToItsBytes() throws IOException {
    openList(1280, false);
    browser.type("#runs select", "invalid");
    browser.click("tr[data-run] a");
    browser.await(
        "document.getElementById('audit') && document.getElementById('audit').dataset.ready");
    browser.click("#audit tbody tr");
    String record = browser.text("#audit tr.more pre.hex").substring(10, 57);
    browser.click("#audit tr.more a.bytes");
    browser.await("location.search.startsWith('?from=') && document.querySelector('pre.hex')");
    keep("served-bytes");
    assertTrue(browser.text("pre.hex").contains(record.strip()), browser.text("pre.hex"));
    assertEquals(List.of(), browser.problems());
  }
}
