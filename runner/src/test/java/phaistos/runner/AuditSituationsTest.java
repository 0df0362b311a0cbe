package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.formats.ControlFile;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.Lsn;
import phaistos.formats.wal.WalFiles;
import phaistos.formats.wal.WalReader;
import picocli.CommandLine;

/** Everyday situations of a copied data directory, on bytes of our own. */
class AuditSituationsTest {
  private static final String SEGMENT = "pg_wal/000000010000000000000001";
  private static final String SECOND = "pg_wal/000000020000000000000001";

  @TempDir private Path folder;
  private Path a;
  private Path history;
  private String printed = "";

  @BeforeEach
  void write() throws IOException {
    a = folder.resolve("a");
    TinyDataDirectory.write(a, 700, 5_000_001, 5_000_002, 5_000_003);
    history = folder.resolve("history.edn");
    acknowledge(3);
  }

  private void acknowledge(int count) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      lines.append("{:type :ok, :xid %d, :marker %d}\n".formatted(700 + i, 5_000_001 + i));
    }
    Files.writeString(history, lines);
  }

  @Test
  void anAcknowledgementAloneIsAnOperation() throws IOException {
    assertTrue(audit(0).contains("3 acknowledged commits, 3 confirmed"), printed);
    acknowledge(4);
    assertTrue(audit(1).contains("3 confirmed, 1 lost"), printed);
    Files.writeString(history, "{\"type\":\"ok\",\"xid\":701,\"marker\":5000002}\n");
    audit(0);
    Files.writeString(history, "marker,xid\n5000003,702\n5000002,701\n");
    assertTrue(audit(0).contains("2 acknowledged commits, 2 confirmed"), printed);
  }

  /** A crash took it, and the new life gave its xid to the next: no later commit outlived it. */
  @Test
  void anAsynchronousCommitWhoseXidCameAgainIsLostAsAllowed() throws IOException {
    String event = "{:type %s, :process %d, :f :txn%s, :synchronous-commit %s, :node \"a\"}%n";
    StringBuilder lines = new StringBuilder();
    long[][] commits = {{700, 5_000_001}, {701, 5_000_009}, {701, 5_000_002}, {702, 5_000_003}};
    for (int i = 0; i < commits.length; i++) {
      String details = ", :xid %d, :marker %d".formatted(commits[i][0], commits[i][1]);
      String level = commits[i][1] == 5_000_009 ? ":off" : ":local";
      lines.append(event.formatted(":invoke", i, "", level));
      lines.append(event.formatted(":ok", i, details, level));
    }
    Files.writeString(history, lines);
    assertTrue(audit(0).contains("3 confirmed, 1 lost as"), printed);
    // without the new life's use of the xid the later commits prove that it was flushed before them
    Files.writeString(
        history, lines.toString().replace(":xid 701, :marker 5000009", ":marker 5000009"));
    assertTrue(audit(1).contains("has the later commit of event 5"), printed);
  }

  /** The xid came again behind a failover, for a commit that wrote nothing. */
  @Test
  void aCommitWithoutRowsOnAnotherTimelineIsAnothers() throws IOException {
    TinyDataDirectory.write(a, 700, 5_000_001, 5_000_002, 0);
    Files.writeString(
        history,
        """
        {:type :ok, :xid 700, :marker 5000001, :timeline 1}
        {:type :ok, :xid 702, :marker 5000009, :timeline 2, :synchronous-commit :off}
        """);
    assertTrue(audit(0).contains("1 confirmed, 1 lost as"), printed);
    Files.writeString(history, Files.readString(history).replace(":timeline 2", ":timeline 1"));
    assertTrue(audit(2).contains("nothing in the WAL but its commit record"), printed);
  }

  @Test
  void aControlFileThatIsZeroedOrShortIsUnknownAndSaid() throws IOException {
    Path control = a.resolve(ControlFile.PATH);
    byte[] bytes = Files.readAllBytes(control);
    Files.write(control, new byte[bytes.length]);
    assertTrue(audit(2).contains("control file is zeroed"), printed);
    Files.write(control, Arrays.copyOf(bytes, 240));
    assertTrue(audit(2).contains("control file is too short: 240 bytes"), printed);
    bytes[60] ^= 1;
    Files.write(control, bytes);
    assertTrue(audit(2).contains("control file is damaged"), printed);
  }

  @Test
  void aCommitLogFileThatIsMissingIsNotJudgedAndNamed() throws IOException {
    Files.writeString(history, "xid,marker\n690,\n");
    assertTrue(audit(1).contains("1 lost"), printed);
    Files.delete(a.resolve("pg_xact/0000"));
    assertTrue(audit(2).contains("the part of pg_xact on a that would tell"), printed);
    Files.write(a.resolve("pg_xact/0000"), new byte[100]);
    assertTrue(audit(2).contains("the part of pg_xact on a that would tell"), printed);
    // what redo sets is known all the same
    acknowledge(3);
    audit(0);
  }

  @Test
  void aCopyOfARunningServerThatContradictsItselfLosesNothing() throws IOException {
    FolderDataDirectory files = new FolderDataDirectory(a);
    ControlFile control = ControlFile.read(files);
    Lsn later = new Lsn((1 << 20) + 500_000);
    Files.write(
        a.resolve(ControlFile.PATH),
        control.withCheckpoint(later, control.checkpoint(), 0).encode());
    acknowledge(4);
    audit(1);
    Files.writeString(a.resolve("postmaster.pid"), "4711\n");
    assertTrue(audit(2).contains("is a copy of a running server, and not of one moment"), printed);
    assertTrue(printed.contains("postmaster.pid is there"), printed);
    // a server that was killed leaves the file too: without a contradiction nothing is excused
    Files.write(a.resolve(ControlFile.PATH), control.encode());
    audit(1);
  }

  @Test
  void walThatRecoveryDoesNotChooseIsAJudgementOfItsOwn() throws IOException {
    FolderDataDirectory files = new FolderDataDirectory(a);
    WalReader reader = WalReader.all(WalFiles.ofTimeline(files, "pg_wal", 1));
    Lsn cut = Lsn.INVALID;
    for (int records = 0; reader.next(); records++) {
      cut = records == 2 ? reader.endLsn() : cut;
    }
    Files.writeString(
        a.resolve("pg_wal/00000002.history"),
        "1\t" + reader.position() + "\tno recovery target specified\n");
    byte[] second = Files.readAllBytes(a.resolve(SEGMENT));
    Arrays.fill(second, (int) (cut.value() & (1 << 20) - 1), second.length, (byte) 0);
    Files.write(a.resolve(SECOND), second);

    assertTrue(audit(2).contains("1 confirmed, 2 on disk but not chosen by recovery"), printed);
    assertTrue(printed.contains("do not promote this node"), printed);
    assertTrue(inspect(1, "timeline", a).contains("not safe to promote"), printed);
    Files.delete(a.resolve(SECOND));
    Files.delete(a.resolve("pg_wal/00000002.history"));
    audit(0);
    assertTrue(inspect(0, "timeline", a).contains("safe to promote"), printed);
    // promoted without them: a timeline that was left before it began
    Files.writeString(
        a.resolve("pg_wal/00000003.history"),
        "1\t%s\tx\n\n2\t%s\tx\n".formatted(reader.position(), cut));
    Files.write(a.resolve("pg_wal/000000030000000000000001"), second);
    assertTrue(audit(1).contains("1 confirmed, 2 lost"), printed);
    assertTrue(printed.contains("timeline forks backwards"), printed);
    assertTrue(inspect(1, "timeline", a).contains("was left at"), printed);
  }

  @Test
  void aRecordThatWasNeverFinishedIsAnEndAndNoDamage() throws IOException {
    byte[] bytes = Files.readAllBytes(a.resolve(SEGMENT));
    WalReader reader = WalReader.all(WalFiles.ofTimeline(new FolderDataDirectory(a), "pg_wal", 1));
    while (reader.next()) {
      // to the end
    }
    int at = (int) (reader.position().value() & (1 << 20) - 1);
    // a record of 20,000 bytes, of which the first page was written and nothing behind it
    byte[] header = Arrays.copyOfRange(bytes, (int) (reader.lsn().value() & (1 << 20) - 1), at);
    System.arraycopy(header, 0, bytes, at, 24);
    bytes[at] = (byte) 20_000;
    bytes[at + 1] = (byte) (20_000 >> 8);
    long previous = reader.lsn().value();
    for (int i = 0; i < 8; i++) {
      bytes[at + 8 + i] = (byte) (previous >>> 8 * i);
    }
    Files.write(a.resolve(SEGMENT), bytes);
    assertTrue(inspect(0, "wal", a).contains("record goes on, but the page"), printed);
    audit(0);
    // old pages of a recycled file behind it say the same
    bytes[8192] = bytes[0];
    bytes[8193] = bytes[1];
    bytes[8196] = 1;
    bytes[8201] = 0x60;
    Files.write(a.resolve(SEGMENT), bytes);
    assertTrue(inspect(0, "wal", a).contains("is stale"), printed);
  }

  @Test
  void anIndexIsNoHeap() throws IOException {
    byte[] page = new byte[8192];
    page[12] = 24;
    page[14] = (byte) 0xF0;
    page[15] = 0x1F;
    page[16] = (byte) 0xF0;
    page[17] = 0x1F;
    page[18] = 4;
    page[19] = 0x20;
    Path file = folder.resolve("16390");
    Files.write(file, page);
    assertTrue(inspect(254, "heap", file).contains("is no table but a B-tree index"), printed);
    Path map = folder.resolve("16390_vm");
    Files.write(map, page);
    assertTrue(inspect(254, "heap", map).contains("visibility map"), printed);
  }

  private String audit(int expected) {
    return run(
        expected,
        List.of(
            "audit",
            "--history",
            history.toString(),
            "--primary",
            "a=" + a,
            "--synchronous-commit",
            "local"));
  }

  private String inspect(int expected, String kind, Path path) {
    return run(expected, List.of("inspect", kind, path.toString()));
  }

  private String run(int expected, List<String> arguments) {
    int exit;
    if (arguments.getFirst().equals("inspect")) {
      Captured captured = Captured.run(arguments.toArray());
      printed = captured.out() + captured.err();
      exit = captured.exit();
    } else {
      StringWriter out = new StringWriter();
      CommandLine line = Phaistos.commandLine();
      line.setOut(new PrintWriter(out, true));
      line.setErr(new PrintWriter(out, true));
      exit = line.execute(arguments.toArray(String[]::new));
      printed = out.toString();
    }
    assertEquals(expected, exit, printed);
    return printed;
  }
}
