package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The order of versions from WAL of our own: xids 700, 701, 702 committed in that order. */
class WalOrderTest {
  @TempDir private Path folder;
  private Path data;
  private Path history;
  private Captured said;

  @BeforeEach
  void write() throws IOException {
    data = folder.resolve("data");
    history = folder.resolve("history.edn");
    TinyDataDirectory.write(data, 700, 5_000_001, 5_000_002, 5_000_003);
  }

  /** Each event as {@code type process steps more}; an invocation stands before all of them. */
  private String check(String model, String... events) throws IOException {
    StringBuilder text = new StringBuilder();
    String form = "{:type :%s, :process %s, :f :txn, :value [%s]%s}%n";
    for (String event : events) {
      String[] parts = event.split("; ?", -1);
      text.append(form.formatted("invoke", parts[1], parts[2], ""));
    }
    for (String event : events) {
      String[] parts = event.split("; ?", -1);
      text.append(form.formatted(parts[0], parts[1], parts[2], ", " + parts[3]));
    }
    Files.writeString(history, text);
    said =
        Captured.run(
            "check",
            "--checker",
            "rw-register",
            "--wal",
            data,
            "--consistency-model",
            model,
            history);
    return said.out().split("\t")[1] + " " + said.out().split("\t")[2];
  }

  private void assertUnknown(String why, String result) {
    assertTrue(result.startsWith("unknown "), result);
    assertTrue(said.err().contains(why), said.err());
  }

  /** Who read x = 1 and y = 2 is served in one order only: x = 2, which came with y = 2, first. */
  @Test
  void theCommitRecordsGiveTheOrderOfBlindWrites() throws IOException {
    String reader = "ok; 3; [:r :x 1] [:r :y 2];";
    assertEquals(
        "invalid G-single-item",
        check(
            "serializable",
            "ok; 1; [:w :x 1];:xid 700",
            "ok; 2; [:w :x 2] [:w :y 2];:xid 701",
            reader));
    assertTrue(said.err().contains("order of versions by 2 commits in the WAL of"), said.err());
    assertEquals(
        "valid -",
        check(
            "serializable",
            "ok; 1; [:w :x 1];:xid 701",
            "ok; 2; [:w :x 2] [:w :y 2];:xid 700",
            reader));
  }

  @Test
  void whatCannotBeTiedIsUnknownWithEventAndLine() throws IOException {
    assertUnknown(
        "event 3 (line 4): it wrote, and has no :xid",
        check("serializable", "ok; 1; [:w :x 1];:xid 700", "ok; 2; [:w :x 2];"));
    assertUnknown(
        "event 3 (line 4): its commit is not in the WAL",
        check("serializable", "ok; 1; [:w :x 1];:xid 700", "ok; 2; [:w :x 2];:xid 703"));
    assertUnknown(
        "event 2 (line 3): another transaction of the history has its xid 700 too",
        check("serializable", "ok; 1; [:w :x 1];:xid 700", "ok; 2; [:w :x 2];:xid 700"));
    TinyDataDirectory.writeLives(data, 700, new long[] {-5_000_001, 5_000_002});
    assertUnknown(
        "event 2 (line 3): it was acknowledged, but is rolled back in the WAL",
        check("serializable", "ok; 1; [:w :x 1];:xid 700", "ok; 2; [:w :x 2];:xid 701"));
  }

  @Test
  void whatFailedForItsClientMustNotBeCommitted() throws IOException {
    String[] events = {
      "ok; 1; [:w :x 1];:xid 700", "fail; 2; [:w :x 2];:xid 701", "ok; 3; [:r :x 1];"
    };
    assertUnknown(
        "event 4 (line 5): it failed for its client, but its commit is in the WAL",
        check("serializable", events));
    TinyDataDirectory.writeLives(data, 700, new long[] {5_000_001, -5_000_002});
    assertEquals("valid -", check("serializable", events));
  }

  @Test
  void whatIsInvalidIsSoEvenIfSomeCannotBeTied() throws IOException {
    assertEquals(
        "invalid G-single-item",
        check(
            "serializable",
            "ok; 1; [:w :x 1] [:w :y 1];:xid 700",
            "ok; 2; [:w :x 2] [:w :y 2];:xid 701",
            "ok; 3; [:r :x 1] [:r :y 2];",
            "ok; 4; [:w :z 1];"));
  }

  @Test
  void theWalSettlesWhatTheClientDoesNotKnow() throws IOException {
    // between x = 1 and x = 3 it committed y = 2, which the reader of x = 3 misses
    String reader = "ok; 4; [:r :x 3] [:r :y 1];";
    String first = "ok; 1; [:w :x 1] [:w :y 1];:xid 700";
    String last = "ok; 3; [:w :x 3];:xid 702";
    assertEquals(
        "invalid G-single-item",
        check("serializable", first, "info; 2; [:w :x 2] [:w :y 2];:xid 701", last, reader),
        () -> said.err());
    assertTrue(said.err().contains("of unknown outcome 1 committed, 0 were rolled"), said.err());
    assertEquals(
        "valid -",
        check("serializable", first, "info; 2; [:w :x 2] [:w :y 2];:xid 709", last, reader));
    assertUnknown(
        "event 5 (line 6): its commit is not in the WAL",
        check(
            "serializable",
            first,
            "info; 2; [:w :x 2] [:w :y 2];:xid 709",
            last,
            "ok; 4; [:r :y 2];"));
    TinyDataDirectory.writeLives(data, 700, new long[] {5_000_001, -5_000_002, 5_000_003});
    assertEquals(
        "invalid G1a",
        check(
            "serializable",
            first,
            "info; 2; [:w :x 2] [:w :y 2];:xid 701",
            last,
            "ok; 4; [:r :y 2];"));
  }

  @Test
  void theWalOfAnotherRunIsNoted() throws IOException {
    Files.writeString(
        history,
        """
        {:type :invoke, :process 1, :f :txn, :value [[:w :x 1]]}
        {:type :ok, :process 1, :f :txn, :value [[:w :x 1]], :xid 701, :marker 5000002}
        {:type :invoke, :process 1, :f :txn, :value [[:w :x 2]]}
        {:type :ok, :process 1, :f :txn, :value [[:w :x 2]], :xid 700, :marker 5000001}
        """);
    said = Captured.run("check", "--checker", "rw-register", "--wal", data, history);
    assertEquals(2, said.exit());
    assertTrue(
        said.err()
            .contains(
                "the WAL is not of this history: event 1 (line 2) was answered before event 3 (line"
                    + " 4)"),
        said.err());
  }

  @Test
  void afterANewStartOfTheServerAnXidAloneProvesNothing() throws IOException {
    TinyDataDirectory.writeLives(data, 700, new long[] {5_000_001}, new long[] {5_000_002});
    String first = "ok; 1; [:w :x 1];:xid 700";
    assertUnknown(
        "after which it may have handed out xid 701 once more",
        check("serializable", first, "ok; 2; [:w :x 2];:xid 701"));
    assertEquals(
        "valid -", check("serializable", first, "ok; 2; [:w :x 2];:xid 701, :marker 5000002"));
    // rolled back in its life or in the next
    TinyDataDirectory.writeLives(data, 700, new long[] {5_000_001}, new long[] {-5_000_002});
    assertUnknown(
        "after which it may have handed out xid 701 once more",
        check("serializable", first, "info; 2; [:w :x 2];:xid 701", "ok; 3; [:r :x 2];"));
  }

  @Test
  void wrongOptionsAreMistakes() throws IOException {
    Files.writeString(history, "{:type :ok, :process 1, :f :txn, :value [[:w :x 1]]}\n");
    assertMistake("--wal is for --checker rw-register alone", "list-append", data);
    assertMistake("no such directory: ", "rw-register", folder.resolve("none"));
    assertMistake(
        "is no data directory", "rw-register", Files.createDirectory(folder.resolve("e")));
  }

  private void assertMistake(String message, String checker, Path wal) {
    said = Captured.run("check", "--checker", checker, "--wal", wal, history);
    assertEquals(254, said.exit());
    assertTrue(said.err().contains(message), said.err());
  }

  /** xid 700 wrote x = 1, 701 x = 2, 702 x = 3, in that order. */
  private String checkSnapshot(String read, String snapshot) throws IOException {
    return check(
        "serializable",
        "ok; 1; [:w :x 1];:xid 700",
        "ok; 2; [:w :x 2];:xid 701",
        "ok; 3; [:w :x 3];:xid 702",
        "ok; 4; %s;:snapshot \"%s\"".formatted(read, snapshot));
  }

  @Test
  void aReadIsOfTheLastVersionThatItsSnapshotShows() throws IOException {
    assertEquals("valid -", checkSnapshot("[:r :x 3]", "703:703:"));
    assertTrue(said.err().contains("; snapshots recorded: 1"), said.err());
    assertEquals("valid -", checkSnapshot("[:r :x 1]", "701:703:701,702"));
    assertEquals("valid -", checkSnapshot("[:rp [:= 2] {:x 2}]", "700:702:700"));
    assertEquals("valid -", checkSnapshot("[:r :x nil]", "700:700:"));
    assertUnknown(
        "event 7 (line 8) read :x as 2, and its snapshot 701:703:701 shows 3",
        checkSnapshot("[:r :x 2]", "701:703:701"));
    assertUnknown(
        "event 7 (line 8) read :x as nil, and its snapshot 701:701: shows 1",
        checkSnapshot("[:r :x nil]", "701:701:"));
    assertUnknown(
        "event 7 (line 8) read :x as 3, and its snapshot 700:702:700 shows 2",
        checkSnapshot("[:rp [:= 3] {:x 3}]", "700:702:700"));
  }

  @Test
  void whatIsNoSnapshotIsRefusedWithItsLine() throws IOException {
    for (String bad :
        new String[] {"700", "700:702", "a:b:c", "700:702:,", "99999999999999999999:1:"}) {
      String result = checkSnapshot("[:r :x 1]", bad);
      assertTrue(result.startsWith("unknown "), result);
      assertTrue(
          said.out()
              .contains("history.edn:8: event 7: :snapshot is not what pg_current_snapshot()"),
          said.out());
    }
  }
}
