package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.runner.commitlog.CommitLogTrace;
import phaistos.runner.commitlog.TracedServer;

/**
 * The writes and syncs of commit log pages, as strace sees them. PostgreSQL 15 leaves the syncs of
 * evicted pages to the checkpointer; with phaistos.slru_sync = checkpoint ours does the same.
 */
@Timeout(180)
@Tag("slow")
class CommitLogTraceTest {
  @BeforeAll
  static void straceIsThere() {
    assumeTrue(TracedServer.missing().isEmpty(), TracedServer.missing());
  }

  private static List<String> shape(TracedServer started, int evictions) throws Exception {
    try (TracedServer server = started) {
      return CommitLogTrace.of(server, evictions).shape();
    }
  }

  @Test
  void oursIsThatOfPostgres() throws Exception {
    String missing = RealPostgres.missing();
    assumeTrue(missing.isEmpty(), missing);
    List<String> theirs = shape(TracedServer.postgres(true), 2);
    List<String> ours =
        shape(TracedServer.phaistos(true, List.of("phaistos.slru_sync=checkpoint")), 2);
    assertEquals(theirs, ours);
  }

  /** As PostgreSQL up to 13, whose trace the article on the commit log's syncs shows. */
  @Test
  void eachEvictedPageIsWrittenAndSynced() throws Exception {
    assertEquals(
        List.of(
            "write 0",
            "sync 0000",
            "checkpoint",
            "sync 0000",
            "write 1",
            "write 2",
            "write 3",
            "write 4"),
        shape(TracedServer.phaistos(true, List.of()), 1));
  }
}
