package phaistos.harness.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.harness.Cutoff;

/** Campaigns with workers that make their results up, as real processes that are really killed. */
class CampaignTest {
  @TempDir Path store;

  static CampaignOptions options(Path store, int seeds, int workers, Duration limit) {
    return new CampaignOptions(
        store,
        Optional.empty(),
        Optional.of(seeds),
        OptionalLong.empty(),
        workers,
        limit,
        Duration.ofSeconds(10),
        List.of("--defect canary"),
        Set.of(),
        "--seeds " + seeds,
        java(MadeUpWorker.class));
  }

  private static List<String> java(Class<?> main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  private CampaignReport run(CampaignOptions options) {
    return new Campaign(options, _ -> "--rate 10", new Cutoff(), _ -> {}).run();
  }

  private static List<Entry.Run> runs(Path store) {
    return Journal.read(store.resolve("campaign")).stream()
        .filter(Entry.Run.class::isInstance)
        .map(Entry.Run.class::cast)
        .toList();
  }

  private static List<Long> seeds(Path store) {
    return runs(store).stream()
        .filter(run -> run.why() != Entry.Why.CANARY)
        .map(Entry.Run::seed)
        .sorted()
        .toList();
  }

  private static List<Long> upTo(int last) {
    return Stream.iterate(1L, seed -> seed + 1).limit(last).toList();
  }

  @Test
  void aWorkerThatHangsOrEndsIsAFindingAndTheOthersGoOn() throws IOException {
    CampaignReport report = run(options(store, 10, 2, Duration.ofSeconds(3)));
    assertEquals(upTo(10), seeds(store));
    TreeMap<String, Integer> counts = new TreeMap<>();
    report.counts().forEach((ending, count) -> counts.put(ending.word(), count));
    assertEquals("{crashed=2, hung=1, invalid=1, unknown=1, valid=5}", counts.toString());
    assertEquals(
        Set.of(
            "audit: lost 1",
            "the run itself: hung: it did not end within # 1",
            "the run itself: crashed: java.lang.OutOfMemoryError: Java heap space 1",
            "the run itself: crashed: its process ended with exit code # 1"),
        new HashSet<>(
            report.findings().stream().map(f -> f.title() + " " + f.runs().size()).toList()));
    assertTrue(report.isCanaryFound());
    assertEquals(255, report.exitCode());
    for (Finding finding : report.findings()) {
      Path kept =
          store
              .resolve("campaign")
              .resolve(finding.representative().result().folder().orElseThrow());
      assertTrue(Files.exists(kept.resolve("test.edn")), kept.toString());
    }
    try (Stream<Path> folders = Files.list(store.resolve("campaign/runs"))) {
      assertEquals(4, folders.count(), "folders of failures only");
    }
  }

  @Test
  void theNextNightBeginsWithTheFailures() {
    run(options(store, 3, 1, Duration.ofSeconds(60)));
    CampaignReport report = run(options(store, 1, 1, Duration.ofSeconds(60)));
    assertEquals(
        List.of("CANARY", "FAILED 3", "COVERAGE 1", "FRESH 4").toString(),
        report.runs().stream()
            .map(run -> run.why() == Entry.Why.CANARY ? "CANARY" : run.why() + " " + run.seed())
            .toList()
            .toString());
  }

  @Test
  void aStoreThatIsFullEndsItWithoutLoss() throws Exception {
    assumeTrue(
        isDone("mount", "-t", "tmpfs", "-o", "size=24k", "tmpfs", store.toString()),
        "a file system of 24 kB cannot be mounted here");
    try {
      Set<Integer> told = new HashSet<>();
      Campaign campaign =
          new Campaign(
              options(store, 1_000, 1, Duration.ofSeconds(2)),
              _ -> "--rate 10",
              new Cutoff(),
              line -> told.add(Integer.parseInt(line.split(" +")[1])));
      Campaign.CampaignException e = assertThrows(Campaign.CampaignException.class, campaign::run);
      assertTrue(e.getMessage().contains("No space left"), e.getMessage());
      assertTrue(e.getMessage().contains("the next call goes on"), e.getMessage());
      assertTrue(told.size() > 3, "runs before it was full: " + told.size());
      Set<Integer> kept = new HashSet<>();
      runs(store).forEach(run -> kept.add(run.number()));
      assertEquals(told, kept);
    } finally {
      assertTrue(isDone("umount", store.toString()), "umount " + store);
    }
  }

  private static boolean isDone(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void aNightThatFoundNoCanaryIsUnknown() {
    CampaignOptions all = options(store, 2, 1, Duration.ofSeconds(2));
    CampaignOptions blind =
        new CampaignOptions(
            store,
            all.duration(),
            all.seeds(),
            all.firstSeed(),
            1,
            all.seedLimit(),
            all.explainLimit(),
            List.of("--defect nobody-sees"),
            Set.of(),
            all.asked(),
            all.worker());
    CampaignReport report = run(blind);
    assertFalse(report.isCanaryFound());
    assertEquals(2, report.exitCode());
    assertTrue(report.unknown().orElseThrow().contains("canary"), report.unknown().toString());
  }

  /** The parent and its workers, killed again and again; told is what it said was over. */
  @Test
  void aKillAtAnyMomentLosesNothingAndCountsNothingTwice() throws Exception {
    java.util.Random random =
        new java.util.Random(
            System.getProperty("campaign.seed") == null ? 20260701 : Long.getLong("campaign.seed"));
    int seeds = 13;
    Set<Integer> told = new HashSet<>();
    int kills = 0;
    boolean isDone = false;
    while (!isDone) {
      Process parent =
          new ProcessBuilder(java(Parent.class, store.toString(), "" + seeds))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      List<ProcessHandle> workers = List.of();
      int patience = kills < 3 ? 1 + random.nextInt(6) : Integer.MAX_VALUE;
      try (BufferedReader lines = parent.inputReader(StandardCharsets.UTF_8)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith("run ")) {
            told.add(Integer.parseInt(line.split(" ")[1]));
          }
          if (--patience == 0) {
            workers = parent.descendants().toList();
            parent.toHandle().destroyForcibly(); // the streams stay open
            kills++;
          }
        }
      }
      isDone = parent.waitFor() == 0;
      for (ProcessHandle worker : workers) {
        worker.onExit().get(2, TimeUnit.MINUTES); // they do not outlive it
      }
    }
    assertEquals(3, kills);
    List<Integer> numbers = runs(store).stream().map(Entry.Run::number).toList();
    assertEquals(numbers.size(), new HashSet<>(numbers).size(), "counted twice: " + numbers);
    assertTrue(numbers.containsAll(told), "lost: " + told + " of " + numbers);
    assertEquals(upTo(seeds), seeds(store));
    long nights =
        Journal.read(store.resolve("campaign")).stream()
            .filter(Entry.Night.class::isInstance)
            .count();
    assertEquals(1, nights);
    try (Stream<Path> folders = Files.list(store.resolve("campaign/runs"))) {
      assertEquals(
          runs(store).stream().filter(run -> run.result().folder().isPresent()).count(),
          folders.count());
    }
  }

  /** The process that is killed. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] arguments) {
      CampaignOptions options =
          options(Path.of(arguments[0]), Integer.parseInt(arguments[1]), 2, Duration.ofSeconds(1));
      new Campaign(
              options,
              _ -> "--rate 10",
              new Cutoff(),
              line -> {
                System.out.println(line);
                System.out.flush();
              })
          .run();
      System.exit(0);
    }
  }
}
