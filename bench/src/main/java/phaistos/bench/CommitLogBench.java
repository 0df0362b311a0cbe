package phaistos.bench;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import phaistos.runner.commitlog.CommitLogTrace;
import phaistos.runner.commitlog.TraceEvent;
import phaistos.runner.commitlog.TracedServer;
import phaistos.runner.commitlog.XidBurner;

/**
 * What each remedy for syncs of evicted commit log pages changes: how often a page's file is synced
 * for each 32,768 transactions, and how long these transactions take on one connection. The counts
 * come from a trace; the times from runs without one, in alternation.
 */
final class CommitLogBench {
  private static final int XIDS_PER_PAGE = 32_768;
  private static final int TRACED_EVICTIONS = 4;

  /** Pages before the first eviction; their time does not count. */
  private static final int WARM_PAGES = 6;

  private record Way(String name, boolean postgres, List<String> settings) {
    TracedServer start(boolean traced) throws IOException, InterruptedException {
      return postgres ? TracedServer.postgres(traced) : TracedServer.phaistos(traced, settings);
    }
  }

  private static final List<Way> WAYS =
      List.of(
          new Way("write and sync at eviction", false, List.of()),
          new Way("sync by the checkpointer", false, List.of("phaistos.slru_sync=checkpoint")),
          new Way("segment preallocated", false, List.of("phaistos.slru_preallocate=on")),
          new Way("range synced first", false, List.of("phaistos.slru_sync_range=on")),
          new Way("PostgreSQL 15", true, List.of()));

  private CommitLogBench() {}

  static int run(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3;
    int pages = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 8;
    List<Way> ways = new ArrayList<>();
    for (Way way : WAYS) {
      try (var _ = way.start(false)) {
        ways.add(way);
      } catch (IOException | RuntimeException e) {
        System.out.println("without " + way.name + ": " + e.getMessage());
      }
    }
    Map<String, List<Double>> times = new TreeMap<>();
    Map<String, List<Double>> longest = new TreeMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Way way : ways) {
        time(way, pages, times, longest);
      }
    }
    double plain = Medians.of(times.get(WAYS.getFirst().name));
    System.out.println(
        "%-28s %16s %16s %8s %18s"
            .formatted("", "syncs / 32,768", "ms / 32,768", "ratio", "longest page, ms"));
    for (Way way : ways) {
      System.out.println(
          "%-28s %16s %16.0f %8.2f %18.0f"
              .formatted(
                  way.name,
                  syncs(way),
                  Medians.of(times.get(way.name)),
                  Medians.of(times.get(way.name)) / plain,
                  Medians.of(longest.get(way.name))));
    }
    return 0;
  }

  private static void time(
      Way way, int pages, Map<String, List<Double>> times, Map<String, List<Double>> longest)
      throws IOException, SQLException, InterruptedException {
    try (TracedServer server = way.start(false);
        Connection connection = server.connect()) {
      XidBurner.until(connection, (long) WARM_PAGES * XIDS_PER_PAGE);
      double slowest = 0;
      long start = System.nanoTime();
      for (int page = 1; page <= pages; page++) {
        long begin = System.nanoTime();
        XidBurner.until(connection, (long) (WARM_PAGES + page) * XIDS_PER_PAGE);
        slowest = Math.max(slowest, (System.nanoTime() - begin) * 1e-6);
      }
      double all = (System.nanoTime() - start) * 1e-6;
      times.computeIfAbsent(way.name, name -> new ArrayList<>()).add(all / pages);
      longest.computeIfAbsent(way.name, name -> new ArrayList<>()).add(slowest);
    }
  }

  /** How many syncs of its files a page costs before the checkpoint. */
  private static String syncs(Way way) throws IOException, SQLException, InterruptedException {
    if (!TracedServer.missing().isEmpty()) {
      return "no strace";
    }
    try (TracedServer server = way.start(true)) {
      long syncs =
          CommitLogTrace.of(server, TRACED_EVICTIONS).evictions().stream()
              .filter(event -> event.kind() == TraceEvent.Kind.SYNC)
              .count();
      return "%.2f".formatted((double) syncs / TRACED_EVICTIONS);
    }
  }
}
