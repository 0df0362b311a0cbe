package phaistos.runner.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static phaistos.checker.linearizability.models.RegisterCall.read;
import static phaistos.checker.linearizability.models.RegisterCall.write;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import phaistos.checker.linearizability.ExplanationPage;
import phaistos.checker.linearizability.Linearizability;
import phaistos.checker.linearizability.Recorder;
import phaistos.checker.linearizability.models.CasRegister;
import phaistos.checker.linearizability.models.RegisterCall;
import phaistos.checker.plots.HistoryPlots;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/** Pictures of long histories in a browser. */
class PicturesBrowserTest {
  @TempDir static Path folder;

  private static Chromium browser;

  @BeforeAll
  static void start() throws IOException {
    browser = Chromium.start(folder.resolve("profile"));
  }

  @AfterAll
  static void end() {
    if (browser != null) {
      browser.close();
    }
  }

  private static void open(String name, String html, int width) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, html);
    browser.look(width, false);
    browser.open(file.toUri().toString());
  }

  /** A stale read after a hundred operations: it is in view, and the rest is said to be there. */
  @ParameterizedTest
  @ValueSource(ints = {400, 1280})
  void theExplanationOpensOnTheOperationInQuestion(int width) throws IOException {
    Recorder<RegisterCall> recorder = new Recorder<>();
    for (int i = 0; i < 100; i++) {
      recorder.invoke(i % 4, write(i)).ok(i % 4, write(i));
    }
    recorder.invoke(7, read()).ok(7, read(3));
    var result = Linearizability.of(new CasRegister()).check(recorder.history());
    var explanation = result.failure().orElseThrow().explain(Duration.ofSeconds(5));
    open("explanation" + width + ".html", ExplanationPage.print("h.edn", explanation), width);
    browser.await("document.getElementById('more').textContent");
    String more = browser.text("#more");
    assertTrue(more.matches("\\d+ operations further left.*"), more);
    String isSeen =
        "(r=>{const b=document.querySelector('.scroll').getBoundingClientRect();"
            + "return r.left>=b.left&&r.right<=b.right})"
            + "(document.querySelector('.op.end rect').getBoundingClientRect())";
    assertTrue(browser.eval(isSeen).asBoolean(), "the operation in question is out of sight");
    browser.click("#earlier");
    browser.click("#there");
    assertTrue(browser.eval(isSeen).asBoolean(), "the button does not lead back");
    assertEquals(List.of(), browser.problems());
  }

  /** Ten thousand operations are drawn, zoomed and read; the heads stay. */
  @Test
  void aTimelineOfTenThousandOperationsIsReadable() throws IOException {
    List<Event<UntypedCall>> events = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      Process process = new Process.Client(i % 40);
      UntypedCall call = new UntypedCall(Edn.keyword("write"), Edn.of(i));
      long at = i * 1_000_000L;
      events.add(new Event.Invoke<>(events.size(), at, process, call, Details.NONE));
      events.add(new Event.Ok<>(events.size(), at + 500_000, process, call, Details.NONE));
    }
    open("timeline.html", HistoryPlots.draw(History.of(events)).get("timeline.html"), 1280);
    browser.await("document.getElementById('operations').dataset.ready");
    String all = browser.text("#operations p");
    assertTrue(all.startsWith("All 10,000 operations."), all);
    assertTrue(
        browser.eval("document.getElementById('operations').showOperation(9000)").asBoolean());
    assertTrue(browser.text("#operation").startsWith("write 4500"), browser.text("#operation"));
    assertTrue(browser.eval("view.max - view.min").asDouble() < 1.1);
    browser.eval("document.querySelector('.holder').scrollTop = 400");
    String stays =
        "Math.abs(document.querySelector('canvas.head').getBoundingClientRect().top"
            + " - document.querySelector('.holder').getBoundingClientRect().top) < 3";
    assertTrue(browser.eval(stays).asBoolean(), "the head does not stay");
    assertEquals(List.of(), browser.problems());
  }
}
