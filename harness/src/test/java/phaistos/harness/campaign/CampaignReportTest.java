package phaistos.harness.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.maven.plugin.surefire.log.api.NullConsoleLogger;
import org.apache.maven.plugins.surefire.report.ReportTestCase;
import org.apache.maven.plugins.surefire.report.ReportTestSuite;
import org.apache.maven.plugins.surefire.report.TestSuiteXmlParser;
import org.junit.jupiter.api.Test;

/** What a night is shown as: exit code, text, JUnit's XML, the page. */
class CampaignReportTest {
  private static final Instant TIME = Instant.parse("2026-07-01T00:00:00Z");

  private static CampaignReport report(List<Entry> runs, Optional<String> cut) {
    Entry.Night night = new Entry.Night(Runs.NIGHT, TIME, "--seeds 9", "3fa9c1e", 1);
    CampaignOptions options =
        new CampaignOptions(
            Path.of("store"),
            Optional.empty(),
            Optional.of(9),
            OptionalLong.empty(),
            1,
            Duration.ofMinutes(1),
            Duration.ZERO,
            List.of("--defect canary"),
            Set.of(),
            "--seeds 9",
            List.of("java"));
    List<Entry> entries = new ArrayList<>(List.of(night));
    entries.addAll(runs);
    return new CampaignReport(options, entries, night, cut);
  }

  private static Entry.Run canary(boolean isFound) {
    Entry.Run run = isFound ? Runs.invalid(90, 90, "planted") : Runs.valid(90, 90);
    return Runs.with(run, Runs.NIGHT, Entry.Why.CANARY);
  }

  private static Entry.Run kept() {
    Entry.Run run = Runs.invalid(1, 5, "lost: <b>it</b> does not show its row", 2_000);
    return new Entry.Run(
        1,
        run.night(),
        run.why(),
        5,
        "--time-limit 5s --defect secret-name",
        run.ended(),
        run.result().withFolder(Optional.of("runs/000001/commits/2026")));
  }

  static CampaignReport some(List<Entry> more) {
    List<Entry> entries = new ArrayList<>(some());
    entries.addAll(more);
    return report(entries, Optional.empty());
  }

  static CampaignReport none() {
    return report(List.of(canary(true), Runs.valid(1, 1)), Optional.empty());
  }

  private static List<Entry> some() {
    return List.of(
        canary(true),
        kept(),
        Runs.valid(2, 6),
        Runs.hung(3, 7),
        new Entry.Explained(
            1,
            Optional.of(
                new Explainer.Explanation(
                    Optional.of("wal-sync"),
                    Optional.of("phaistos/server/wal/Wal.java:375"),
                    false,
                    "crash",
                    true,
                    List.of("one", "two")))));
  }

  @Test
  void theExitCodeIsTheWorst() {
    assertEquals(0, report(List.of(canary(true), Runs.valid(1, 1)), Optional.empty()).exitCode());
    assertEquals(1, report(List.of(canary(true), kept()), Optional.empty()).exitCode());
    assertEquals(255, report(some(), Optional.empty()).exitCode());
    assertEquals(2, report(List.of(canary(false), Runs.valid(1, 1)), Optional.empty()).exitCode());
    assertEquals(2, report(List.of(canary(true)), Optional.empty()).exitCode(), "no run");
    assertEquals(
        2, report(List.of(canary(true), Runs.valid(1, 1)), Optional.of("SIGINT")).exitCode());
    assertEquals(1, report(List.of(canary(false), kept()), Optional.of("SIGINT")).exitCode());
  }

  @Test
  void theTextNamesEachFindingWithItsCommand() {
    String text = String.join("\n", report(some(), Optional.empty()).text());
    assertTrue(
        text.startsWith("CRASHED  runs: 1 valid, 1 invalid, 1 hung; 2 findings, 2 of them new"),
        text);
    assertTrue(text.contains("inevitable at: wal-sync, phaistos/server/wal/Wal.java:375"), text);
    assertTrue(
        text.contains("replay: ./phaistos run --time-limit 5s --defect secret-name --seed 5"),
        text);
    assertTrue(text.contains("canary: its defect was found"), text);
    assertTrue(text.contains("goals and effects reached, by runs: 1: 2, 2: 2, "), text);
    assertTrue(text.contains("; the last new one by run 1\n"), text);
    assertTrue(text.contains("not reached by any run: an effect of pause"), text);
  }

  /** As Maven's report reads it. */
  @Test
  void junitHasACaseForEachRun() throws Exception {
    InputStream xml =
        new ByteArrayInputStream(
            report(some(), Optional.empty()).junit().getBytes(StandardCharsets.UTF_8));
    // One for each class name.
    List<ReportTestSuite> suites =
        new TestSuiteXmlParser(new NullConsoleLogger())
            .parse(new InputStreamReader(xml, StandardCharsets.UTF_8));
    assertEquals(
        List.of(4, 1, 1, 0),
        List.of(
            suites.stream().mapToInt(ReportTestSuite::getNumberOfTests).sum(),
            suites.stream().mapToInt(ReportTestSuite::getNumberOfFailures).sum(),
            suites.stream().mapToInt(ReportTestSuite::getNumberOfErrors).sum(),
            suites.stream().mapToInt(ReportTestSuite::getNumberOfSkipped).sum()));
    List<ReportTestCase> cases =
        suites.stream().flatMap(suite -> suite.getTestCases().stream()).toList();
    assertEquals(4, cases.size());
    ReportTestCase failed = cases.stream().filter(ReportTestCase::hasFailure).findFirst().get();
    assertEquals("seed 5, run 1", failed.getName());
    assertTrue(failed.getFailureDetail().contains("--seed 5"), failed.getFailureDetail());
    ReportTestCase hung = cases.stream().filter(ReportTestCase::hasError).findFirst().get();
    assertEquals("hung", hung.getFailureType());
    assertEquals(2, cases.stream().filter(ReportTestCase::isSuccessful).count());
  }

  @Test
  void junitSaysThatAnAnswerIsMissing() {
    String xml = report(List.of(canary(false), Runs.valid(1, 1)), Optional.empty()).junit();
    assertTrue(xml.contains("name=\"the campaign itself\""), xml);
    assertTrue(xml.contains("tests=\"3\" failures=\"0\" errors=\"1\""), xml);
  }

  @Test
  void thePageHasTheStepsAndNotTheDefect() {
    String page = report(some(), Optional.empty()).page();
    assertFalse(page.contains("secret-name"), "the defect is named");
    assertFalse(page.contains("<b>it</b>"), "not escaped");
    String folder = "store/campaign/runs/000001/commits/2026";
    for (String command :
        List.of(
            "./phaistos analyze " + folder,
            "./phaistos run --like " + folder,
            "cmp " + folder + "/history.edn store/latest/history.edn",
            "address=127.0.0.1:5005 ./phaistos run --like " + folder,
            "jdb -connect")) {
      assertTrue(page.contains(command), command);
    }
    assertTrue(page.contains("2 of 3 runs failed, for 2 reasons."), page);
    assertTrue(page.contains("href=\"runs/000001/commits/2026/index.html\""), page);
  }
}
