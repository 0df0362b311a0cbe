package phaistos.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.environment.Environment;
import phaistos.formats.Checkpoint;
import phaistos.formats.CommitLog;
import phaistos.formats.ControlFile;
import phaistos.formats.Lsn;
import phaistos.formats.Padding;
import phaistos.formats.Xid;
import phaistos.formats.record.XlogBody;
import phaistos.formats.wal.PageHeader;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalLayout;
import phaistos.formats.wal.WalRecord;
import phaistos.server.catalog.Catalog;
import phaistos.server.catalog.CatalogPage;
import phaistos.server.control.ControlFileStore;
import phaistos.server.errors.StartupException;
import phaistos.server.wal.WalFiles;

/** Makes a data directory (initdb, BootStrapXLOG, BootStrapCLOG). */
final class Initializer {
  static final String VERSION_FILE = "PG_VERSION";

  private static final List<String> DIRECTORIES =
      List.of(
          "global",
          "base",
          "base/" + Catalog.DATABASE,
          "pg_wal",
          "pg_xact",
          "pg_subtrans",
          "pg_multixact",
          "pg_multixact/offsets",
          "pg_multixact/members");

  private Initializer() {}

  static void run(Environment environment, InitOptions options) throws IOException {
    Disk disk = environment.disk();
    if (disk.exists(VERSION_FILE)) {
      throw new StartupException("data directory exists and is not empty");
    }
    for (String directory : DIRECTORIES) {
      disk.createDirectories(directory);
    }
    long systemId =
        options.systemId().orElseGet(() -> environment.randomness().child("sysid").nextLong());
    WalLayout layout = new WalLayout(options.walSegmentSize());
    Lsn segment = new Lsn(options.walSegmentSize());
    Lsn first = segment.plus(PageHeader.LONG_BYTES);
    byte[] fill = fill(options);
    Lsn start = fill.length == 0 ? first : layout.startAfter(layout.endOf(first, fill.length));
    Checkpoint checkpoint = firstCheckpoint(start, options);
    writeSegment(disk, layout, first, fill, start, systemId, checkpoint);
    int page = CommitLog.page(options.ids().next().xid());
    int bytes = (CommitLog.pageInSegment(page) + 1) * CommitLog.PAGE_BYTES;
    writeFile(disk, CommitLog.segmentPath(page), new byte[bytes]);
    // the first pages (BootStrapMultiXact)
    writeFile(disk, "pg_multixact/offsets/0000", new byte[CommitLog.PAGE_BYTES]);
    writeFile(disk, "pg_multixact/members/0000", new byte[CommitLog.PAGE_BYTES]);
    writeFile(disk, Catalog.LOCATOR.path(), CatalogPage.first(options.ids().oldest()));
    writeFile(
        disk, "postgresql.conf", options.settings().format().getBytes(StandardCharsets.UTF_8));
    ControlFile control =
        ControlFile.of(
                systemId,
                ControlFile.State.SHUT_DOWN,
                options.time(),
                start,
                checkpoint,
                ControlFile.Format.of(options.walSegmentSize(), false))
            .withSettings(ControlFile.Settings.DEFAULT);
    ControlFileStore.create(disk, control);
    writeFile(disk, VERSION_FILE, "15\n".getBytes(StandardCharsets.UTF_8));
    for (String directory : DIRECTORIES) {
      disk.syncDirectory(directory);
    }
    disk.syncDirectory("");
  }

  private static Checkpoint firstCheckpoint(Lsn redo, InitOptions options) {
    return new Checkpoint(
        redo,
        1,
        1,
        true,
        options.ids().next(),
        Catalog.FIRST_OID,
        1,
        0,
        options.ids().oldest(),
        Catalog.DATABASE,
        1,
        Catalog.DATABASE,
        options.time(),
        Xid.INVALID,
        Xid.INVALID,
        Xid.INVALID,
        Padding.ZERO);
  }

  /** A record that says nothing; empty if there is none. */
  private static byte[] fill(InitOptions options) {
    return options.fillBytes() == 0
        ? new byte[0]
        : WalRecord.of(
                Xid.INVALID, Rmgr.XLOG, new XlogBody.Noop().info(), new byte[options.fillBytes()])
            .encode();
  }

  private static void writeSegment(
      Disk disk,
      WalLayout layout,
      Lsn first,
      byte[] fill,
      Lsn start,
      long systemId,
      Checkpoint checkpoint)
      throws IOException {
    XlogBody body = new XlogBody.CheckpointTaken(true, checkpoint);
    WalRecord.Unsealed record =
        WalRecord.of(Xid.INVALID, Rmgr.XLOG, body.info(), body.mainData()).unsealed();
    WalLayout.PageSource pages = new WalLayout.PageSource(1, systemId, true);
    WalFiles files = new WalFiles(disk, layout);
    try (DiskFile file = files.openForWriting(1, first)) {
      if (fill.length > 0) {
        write(file, layout, layout.place(fill, first, pages));
      }
      byte[] sealed = record.seal(fill.length == 0 ? Lsn.INVALID : first);
      write(file, layout, layout.place(sealed, start, pages));
      file.sync();
    }
  }

  private static void write(DiskFile file, WalLayout layout, WalLayout.Placed placed)
      throws IOException {
    file.write(layout.segmentOffset(placed.at()), ByteBuffer.wrap(placed.bytes()));
  }

  private static void writeFile(Disk disk, String path, byte[] content) throws IOException {
    try (DiskFile file = disk.create(path)) {
      file.write(0, ByteBuffer.wrap(content));
      file.sync();
    }
  }
}
