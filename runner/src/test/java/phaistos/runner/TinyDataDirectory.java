package phaistos.runner;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import phaistos.formats.Checkpoint;
import phaistos.formats.CommitLog;
import phaistos.formats.ControlFile;
import phaistos.formats.FullXid;
import phaistos.formats.Lsn;
import phaistos.formats.Padding;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.formats.record.HeapBody;
import phaistos.formats.record.Outcome;
import phaistos.formats.record.TransactionBody;
import phaistos.formats.record.TupleData;
import phaistos.formats.record.XlogBody;
import phaistos.formats.wal.BlockReference;
import phaistos.formats.wal.WalLayout;
import phaistos.formats.wal.WalRecord;

/**
 * A data directory with a checkpoint and some transactions of one insert each: bytes of our own.
 */
final class TinyDataDirectory {
  private static final int SEGMENT = 1 << 20;
  private static final RelationLocator TABLE = new RelationLocator(1663, 5, 16_384);

  private final WalLayout layout = new WalLayout(SEGMENT);
  private final WalLayout.PageSource source = new WalLayout.PageSource(1, 42, false);
  private final byte[] segment = new byte[SEGMENT];
  private Lsn next = layout.startAfter(new Lsn(SEGMENT));
  private Lsn previous = Lsn.INVALID;

  private TinyDataDirectory() {}

  /** Transactions with rising xids from {@code xid}, each inserting one of the values. */
  static void write(Path folder, int xid, long... values) throws IOException {
    writeLives(folder, xid, values);
  }

  /**
   * The same of a server that began anew after each of these lives but the last. A negative value's
   * transaction is rolled back; that of 0 leaves nothing but its commit record.
   */
  static void writeLives(Path folder, int xid, long[]... lives) throws IOException {
    new TinyDataDirectory().writeTo(folder, xid, lives);
  }

  private void writeTo(Path folder, int firstXid, long[]... lives) throws IOException {
    Lsn redo = next;
    Checkpoint checkpoint = checkpoint(firstXid);
    int xid = firstXid;
    for (long[] life : lives) {
      if (xid > firstXid) {
        checkpoint(xid);
      }
      for (long value : life) {
        insert(new Xid(xid++), value);
      }
    }
    Files.createDirectories(folder.resolve("pg_wal"));
    Files.createDirectories(folder.resolve("pg_xact"));
    Files.createDirectories(folder.resolve("global"));
    String name = layout.segmentName(1, new Lsn(SEGMENT)).toString();
    Files.write(folder.resolve("pg_wal").resolve(name), segment);
    Files.write(folder.resolve("pg_xact/0000"), new byte[CommitLog.PAGE_BYTES]);
    ControlFile control =
        ControlFile.of(
            42,
            ControlFile.State.IN_PRODUCTION,
            0,
            redo,
            checkpoint,
            ControlFile.Format.of(SEGMENT, false));
    Files.write(folder.resolve(ControlFile.PATH), control.encode());
  }

  /** A new start of the server. */
  private Checkpoint checkpoint(int nextXid) {
    Checkpoint checkpoint =
        new Checkpoint(
            next,
            1,
            1,
            true,
            new FullXid(nextXid),
            16_385,
            1,
            0,
            new Xid(3),
            1,
            1,
            1,
            0,
            Xid.INVALID,
            Xid.INVALID,
            Xid.INVALID,
            Padding.ZERO);
    XlogBody.CheckpointTaken taken = new XlogBody.CheckpointTaken(true, checkpoint);
    append(
        new WalRecord(
            Xid.INVALID,
            Lsn.INVALID,
            taken.rmgrId(),
            taken.info(),
            List.of(),
            0,
            Xid.INVALID,
            taken.mainData()));
    return checkpoint;
  }

  private void insert(Xid xid, long value) {
    if (value != 0) {
      ByteBuffer row = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN).put((byte) 0);
      TupleData tuple = new TupleData(1, 0x800, 24, row.putLong(value).array());
      HeapBody.Insert body = new HeapBody.Insert(1, 0, false, Optional.of(tuple));
      BlockReference block = BlockReference.of(0, TABLE, 0, body.blockData(0, new byte[0]));
      append(
          new WalRecord(
              xid,
              Lsn.INVALID,
              body.rmgrId(),
              body.info(),
              List.of(block),
              0,
              Xid.INVALID,
              body.mainData()));
    }
    Outcome outcome =
        new Outcome(
            0,
            0,
            Optional.empty(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Xid.INVALID,
            Optional.empty(),
            Optional.empty());
    TransactionBody end =
        value < 0 ? new TransactionBody.Abort(outcome) : new TransactionBody.Commit(outcome);
    append(
        new WalRecord(
            xid, Lsn.INVALID, end.rmgrId(), end.info(), List.of(), 0, Xid.INVALID, end.mainData()));
  }

  private void append(WalRecord record) {
    WalLayout.Placed placed = layout.place(record.withPrevious(previous).encode(), next, source);
    System.arraycopy(
        placed.bytes(), 0, segment, layout.segmentOffset(placed.at()), placed.bytes().length);
    previous = placed.start();
    next = layout.startAfter(placed.end());
  }
}
