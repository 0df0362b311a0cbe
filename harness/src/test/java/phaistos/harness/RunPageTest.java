package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.workloads.commits.Commits;

/** The page of a run, as its file is. What its scripts draw is tested in a browser. */
class RunPageTest {
  private static final String DEFECT = "ack-before-standby-flush";
  private static final Pattern LOADS =
      Pattern.compile("(src|href)=.?(https?:)?//|url\\((?!data:)|@import");

  @TempDir Path store;

  private TestResult run(Optional<String> defect, Keep keep) {
    String replay = "./phaistos run --seed 3" + defect.map(d -> " --defect " + d).orElse("");
    TestPlan plan =
        TestPlan.of(Commits.NAME, Commits::workload)
            .cluster(ClusterPlan.DEFAULT.withDefects(defect.stream().toList()))
            .nemesis("partition")
            .timeLimit(Duration.ofSeconds(10))
            .seed(3)
            .output(new TestPlan.Output(store, Optional.of(replay), keep));
    return Harness.run(plan, Progress.NONE, Instant.EPOCH);
  }

  private static String page(TestResult result) throws IOException {
    return Files.readString(result.folder().resolve("index.html"));
  }

  @Test
  void aLossIsProvedAndJoinedWithItsFaultOnTheFirstScreen() throws IOException {
    TestResult result = run(Optional.of(DEFECT), Keep.FAILURES);
    assertEquals(1, result.exitCode(), String.join("\n", result.firstScreen()));
    String page = page(result);
    String head = page.substring(page.indexOf("<main>"), page.indexOf("<h2>"));
    assertTrue(head.contains("<p class=\"word invalid\">invalid</p>"), head);
    assertTrue(head.contains("acknowledged commits were lost"), head);
    assertTrue(
        Pattern.compile("<p class=\"join\">[^<]*commits? acknowledged after [^<]* lost")
            .matcher(head)
            .find(),
        head);
    assertTrue(head.contains("no standby has it"), head);
    assertFalse(LOADS.matcher(page).find(), "it loads something");
    assertTrue(Files.isDirectory(result.folder().resolve("nodes/n1/crash-image/base")));
    assertTrue(Files.isDirectory(result.folder().resolve("nodes/n3/replayed-image/pg_wal")));
  }

  /** Who reads the page may want to find the defect; who wants its name presses once. */
  @Test
  void theNameOfAPlantedDefectIsBehindAClick() throws IOException {
    TestResult result = run(Optional.of(DEFECT), Keep.FAILURES);
    String page = page(result);
    int details = page.indexOf("<details id=\"defect\">");
    String hidden = page.substring(details, page.indexOf("</details>", details));
    assertTrue(hidden.contains("--defect " + DEFECT), hidden);
    assertFalse(page.replace(hidden, "").contains(DEFECT), "named in the open");
    assertTrue(page.contains("./phaistos run --like " + result.folder()), "no command without it");
  }

  @Test
  void aValidRunSaysWhatItClaims() throws IOException {
    TestResult result = run(Optional.empty(), Keep.FAILURES);
    assertEquals(0, result.exitCode(), String.join("\n", result.firstScreen()));
    String page = page(result);
    assertTrue(page.contains("<p class=\"word valid\">valid</p>"), "no verdict");
    assertTrue(page.contains("./phaistos run --seed 3</pre>"), "no command");
    assertTrue(page.contains("<h2 id=\"coverage\">"), "no coverage");
    assertFalse(Files.exists(result.folder().resolve("nodes/n1/crash-image")), "images kept");
    assertTrue(page.length() < 1_000_000, "page of " + page.length());
  }

  @Test
  void imagesAreKeptAsAsked() throws IOException {
    Path valid = run(Optional.empty(), Keep.IMAGES).folder();
    assertTrue(Files.exists(valid.resolve("nodes/n2/crash-image/global/pg_control")));
    Path invalid = run(Optional.of(DEFECT), Keep.NONE).folder();
    for (String node : List.of("n1", "n2", "n3")) {
      assertEquals(
          List.of("server.log"), List.of(invalid.resolve("nodes").resolve(node).toFile().list()));
    }
  }
}
