package phaistos.runner;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import phaistos.formats.ControlFile;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.Lsn;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.formats.record.HeapBody;
import phaistos.formats.record.RecordBody;
import phaistos.formats.record.TransactionBody;
import phaistos.formats.record.TupleData;
import phaistos.formats.wal.BlockReference;
import phaistos.formats.wal.WalFiles;
import phaistos.formats.wal.WalLayout;
import phaistos.formats.wal.WalReader;
import phaistos.formats.wal.WalRecord;
import picocli.CommandLine;

/**
 * The run that the JVM records for its cache of loaded classes and profiles (see the launcher). It
 * runs the short, frequent commands on files that it creates in the given folder.
 */
final class CacheTraining {
  private static final int PASSES = 10;
  private static final int TRANSACTIONS = 30_000;
  private static final String HISTORY =
      """
      {:process 0, :type :invoke, :f :write, :value 1}
      {:process 0, :type :ok, :f :write, :value 1, :xid 700, :marker 1}
      {:process 1, :type :invoke, :f :read, :value nil}
      {:process 1, :type :ok, :f :read, :value 2}
      """;

  private CacheTraining() {}

  /**
   * @param arguments the commands to train ({@code check}, {@code files}, {@code run} or {@code
   *     server}), and an empty folder
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[1]);
    System.setOut(new PrintStream("/dev/null", StandardCharsets.UTF_8));
    System.setErr(System.out);
    switch (arguments[0]) {
      case "check" -> run("check", "--model", "cas-register", "--explain", history(folder));
      case "files" -> readFiles(folder);
      case "run" -> run("run", "--seed", "1", "--time-limit", "2s", "--store", folder.toString());
      case "server" -> ServerTraining.run(folder);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    // as every command ends: what that needs is in the cache then
    System.exit(0);
  }

  private static String history(Path folder) throws IOException {
    return Files.writeString(folder.resolve("history.edn"), HISTORY).toString();
  }

  private static void readFiles(Path folder) throws IOException {
    String history = history(folder);
    String data = folder.resolve("data").toString();
    run("server", "init", "--data", data);
    writeWal(folder.resolve("data"));
    for (int i = 0; i < PASSES; i++) {
      run("inspect", "wal", data);
      run("inspect", "wal", "--stats=rmgr", data);
      run("audit", "--history", history, "--primary", "a=" + data);
    }
  }

  private static void run(String... command) {
    CommandLine line = Phaistos.commandLine();
    line.execute(command);
  }

  /** Transactions of one insert and one update each, after the checkpoint with which WAL begins. */
  private static void writeWal(Path data) throws IOException {
    WalFiles files = WalFiles.ofTimeline(new FolderDataDirectory(data), WalFiles.DIRECTORY, 1);
    WalReader reader = WalReader.all(files);
    while (reader.next()) {
      // to the end
    }
    ControlFile control = ControlFile.read(files.directory());
    WalLayout.PageSource source = new WalLayout.PageSource(1, control.systemId(), true);
    Path segment = data.resolve(files.file(1).orElseThrow().path());
    Lsn previous = reader.lsn();
    Lsn at = reader.position();
    try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
      for (int i = 0; i < 3 * TRANSACTIONS; i++) {
        byte[] record = record(new Xid(700 + i / 3), i % 3).unsealed().seal(previous);
        WalLayout.Placed placed = files.layout().place(record, at, source);
        file.write(ByteBuffer.wrap(placed.bytes()), files.layout().segmentOffset(placed.at()));
        previous = placed.start();
        at = files.layout().startAfter(placed.end());
      }
    }
  }

  private static WalRecord record(Xid xid, int kind) {
    TupleData tuple = new TupleData(2, 0x802, 24, new byte[40]);
    HeapBody.NewTuple updated = new HeapBody.NewTuple(0, 0, tuple);
    RecordBody body =
        switch (kind) {
          case 0 -> new HeapBody.Insert(1, 0, false, Optional.of(tuple));
          case 1 ->
              new HeapBody.Update(
                  true, false, xid, 1, 0, 0, xid, 2, Optional.empty(), Optional.of(updated));
          default -> TransactionBody.commit(xid.toLong(), List.of());
        };
    WalRecord record =
        new WalRecord(
            xid,
            Lsn.INVALID,
            body.rmgrId(),
            body.info(),
            List.of(),
            0,
            Xid.INVALID,
            body.mainData());
    if (kind == 2) {
      return record;
    }
    RelationLocator table = new RelationLocator(RelationLocator.DEFAULT_SPACE, 5, 16_385);
    return record.withBlocks(
        List.of(BlockReference.of(0, table, xid.value(), body.blockData(0, new byte[0]))));
  }
}
