package phaistos.runner.commitlog;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Which pages of the commit log are written and synced while transactions use up ids, and then by a
 * checkpoint: what a trace of SlruPhysicalWritePage and pg_fsync shows.
 *
 * @param evictions the calls before the checkpoint: pages that left their buffers
 * @param checkpoint those of the checkpoint
 */
public record CommitLogTrace(List<TraceEvent> evictions, List<TraceEvent> checkpoint) {
  private static final int XIDS_PER_PAGE = 32_768;

  /** Of the commit log; the fifth page evicts the first. */
  private static final int BUFFERS = 4;

  private static final long SETTLE_MILLIS = 20;
  private static final int SETTLE_TRIES = 250;

  /**
   * Traces a fresh server.
   *
   * @param evictions how many pages leave their buffers
   */
  public static CommitLogTrace of(TracedServer server, int evictions)
      throws IOException, SQLException, InterruptedException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      // what the start itself has written is not part of it
      statement.execute("checkpoint");
      int before = settled(server);
      XidBurner.until(connection, (BUFFERS + evictions - 1L) * XIDS_PER_PAGE + 200);
      int burnt = settled(server);
      statement.execute("checkpoint");
      settled(server);
      List<TraceEvent> all = server.events();
      return new CommitLogTrace(
          List.copyOf(all.subList(before, burnt)), List.copyOf(all.subList(burnt, all.size())));
    }
  }

  /** The number of events once it does not grow: strace writes its file a little later. */
  private static int settled(TracedServer server) throws IOException, InterruptedException {
    int last = -1;
    for (int i = 0; i < SETTLE_TRIES; i++) {
      int now = server.events().size();
      if (now == last && i > 4) {
        return now;
      }
      last = now;
      Thread.sleep(SETTLE_MILLIS);
    }
    throw new IOException("the trace grows and grows");
  }

  /** What happened, without times: evictions in order, a checkpoint's writes by page. */
  public List<String> shape() {
    List<String> shape = new ArrayList<>();
    evictions.forEach(event -> shape.add(event.shape()));
    shape.add("checkpoint");
    checkpoint.stream().map(TraceEvent::shape).sorted().forEach(shape::add);
    return shape;
  }

  /** A line for each call, with microseconds since the first one, as the traces in articles. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    double start = evictions.isEmpty() ? 0 : evictions.getFirst().seconds();
    lines.add("%12s  %8s  %-34s %10s".formatted("microseconds", "task", "call", "took"));
    evictions.forEach(event -> lines.add(line(event, start)));
    lines.add("checkpoint:");
    double second = checkpoint.isEmpty() ? 0 : checkpoint.getFirst().seconds();
    checkpoint.forEach(event -> lines.add(line(event, evictions.isEmpty() ? second : start)));
    return lines;
  }

  private static String line(TraceEvent event, double start) {
    String call =
        switch (event.kind()) {
          case WRITE ->
              "write pg_xact/%s, page %d%s"
                  .formatted(
                      event.file(),
                      event.page(),
                      event.pages() == 1 ? "" : " and %d more".formatted(event.pages() - 1));
          case RANGE_SYNC ->
              "sync_file_range pg_xact/%s, page %d".formatted(event.file(), event.page());
          case SYNC -> "sync pg_xact/" + event.file();
        };
    return "%12.0f  %8d  %-34s %7.0f us"
        .formatted((event.seconds() - start) * 1e6, event.task(), call, event.tookSeconds() * 1e6);
  }
}
