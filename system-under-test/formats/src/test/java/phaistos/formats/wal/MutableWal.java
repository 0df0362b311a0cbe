package phaistos.formats.wal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import phaistos.formats.ByteWriter;
import phaistos.formats.Checkpoint;
import phaistos.formats.CommitLog;
import phaistos.formats.ControlFile;
import phaistos.formats.FullXid;
import phaistos.formats.Lsn;
import phaistos.formats.MemoryDirectory;
import phaistos.formats.Padding;
import phaistos.formats.RelationLocator;
import phaistos.formats.Text;
import phaistos.formats.TwoPhaseState;
import phaistos.formats.Xid;
import phaistos.formats.record.ClogBody;
import phaistos.formats.record.Heap2Body;
import phaistos.formats.record.HeapBody;
import phaistos.formats.record.LogicalMessageBody;
import phaistos.formats.record.Outcome;
import phaistos.formats.record.RecordBody;
import phaistos.formats.record.SequenceBody;
import phaistos.formats.record.StandbyBody;
import phaistos.formats.record.StorageBody;
import phaistos.formats.record.TransactionBody;
import phaistos.formats.record.TupleData;
import phaistos.formats.record.XlogBody;
import phaistos.formats.redo.CommitLogRedo;

/** Valid WAL to be mutated: a record of every kind that is decoded, alone and in a stream. */
public final class MutableWal {
  private static final Lsn START = Lsn.parse("0/100028");
  private static final RelationLocator RELATION = new RelationLocator(1663, 5, 16385);
  private static final int KEPT = 48 << 10;

  private MutableWal() {}

  static Checkpoint checkpoint() {
    return new Checkpoint(
        START,
        1,
        1,
        true,
        new FullXid(700),
        1,
        1,
        1,
        new Xid(690),
        1,
        1,
        1,
        0,
        Xid.INVALID,
        Xid.INVALID,
        new Xid(700),
        Padding.ZERO);
  }

  public static byte[] controlFile() {
    return ControlFile.of(
            4711,
            ControlFile.State.IN_PRODUCTION,
            0,
            START,
            checkpoint(),
            ControlFile.Format.of(WalBuilder.SEGMENT, false))
        .encode();
  }

  public static TwoPhaseState twoPhaseState() {
    return new TwoPhaseState(
        new Xid(705),
        5,
        7,
        10,
        false,
        "gid",
        new Outcome.Origin(Lsn.INVALID, 0),
        List.of(new Xid(706)),
        List.of(RELATION),
        List.of(RELATION),
        List.of(new Outcome.DroppedStats(2, 5, 7)),
        List.of(),
        List.of(),
        List.of(new TwoPhaseState.Resource(1, 0, new byte[20])),
        Padding.ZERO);
  }

  private static List<WalRecord> all() {
    byte[] page = new byte[8192];
    for (int i = 0; i < 100; i++) {
      page[i] = (byte) i;
    }
    ByteWriter.putU16(page, 12, 100);
    ByteWriter.putU16(page, 14, 8000);
    TupleData tuple = new TupleData(2, 0x802, 24, new byte[30]);
    List<WalRecord> records = new ArrayList<>();
    List<RecordBody> bodies =
        List.of(
            new XlogBody.CheckpointTaken(false, checkpoint()),
            TransactionBody.commit(5, List.of(new Xid(702), new Xid(703))),
            TransactionBody.abort(5, List.of()),
            new TransactionBody.Prepare(twoPhaseState()),
            new TransactionBody.Commit(Outcome.of(9).withTwoPhase(new Xid(705))),
            new TransactionBody.Assignment(new Xid(700), List.of(new Xid(701))),
            new ClogBody.ZeroPage(1),
            new ClogBody.Truncate(0, new Xid(690), 1),
            new StandbyBody.Locks(List.of(new StandbyBody.Lock(new Xid(700), 5, 6))),
            StandbyBody.RunningXacts.of(
                List.of(new Xid(700)),
                List.of(new Xid(701)),
                false,
                new Xid(702),
                new Xid(700),
                new Xid(699)),
            new HeapBody.Insert(1, 0, false, Optional.of(tuple)),
            new HeapBody.Delete(new Xid(700), 1, 0x10, 0, Optional.empty()),
            new Heap2Body.MultiInsert(
                false, 0, 2, List.of(1, 2), List.of(tuple, tuple), Padding.ZERO, Padding.ZERO),
            new Heap2Body.Prune(
                new Xid(700),
                1,
                1,
                Optional.of(
                    new Heap2Body.Pruned(
                        List.of(new Heap2Body.Redirect(1, 2)), List.of(3), List.of(4)))),
            new SequenceBody(RELATION, new byte[50]),
            new StorageBody.Truncate(3, RELATION, 7),
            new LogicalMessageBody(5, true, "prefix", new byte[10], Padding.ZERO),
            new XlogBody.EndOfRecovery(5, 2, 1));
    for (RecordBody body : bodies) {
      WalRecord record =
          WalRecord.of(
              new Xid(700), Rmgr.of(body.rmgrId()).orElseThrow(), body.info(), body.mainData());
      byte[] data = body.blockData(0, new byte[0]);
      records.add(
          data.length == 0
              ? record
              : record.withBlocks(List.of(BlockReference.of(0, RELATION, 4, data))));
    }
    for (Compression compression : Compression.values()) {
      records.add(
          WalRecord.of(new Xid(701), Rmgr.XLOG, 0xB0, new byte[0])
              .withBlocks(
                  List.of(
                      BlockReference.of(0, RELATION, 4, new byte[0])
                          .withImage(BlockImage.of(page, true, compression, true)),
                      BlockReference.of(1, RELATION, 5, new byte[9])))
              .withOrigin(1)
              .withTopLevelXid(new Xid(9)));
    }
    return records;
  }

  public static List<byte[]> records() {
    return all().stream().map(WalRecord::encode).toList();
  }

  /** The beginnings of segments with records of all kinds over several pages. */
  public static List<byte[]> streams() {
    WalBuilder wal = new WalBuilder(START);
    for (int round = 0; round < 3; round++) {
      all().forEach(wal::add);
      wal.addBytes(9000);
    }
    byte[] segment = wal.directory.file("000000010000000000000001");
    return List.of(Arrays.copyOf(segment, KEPT));
  }

  private static MemoryDirectory directory(byte[] stream) {
    byte[] segment = Arrays.copyOf(stream, Math.max(stream.length, 8192));
    return new MemoryDirectory()
        .put(ControlFile.PATH, controlFile())
        .put("pg_wal/000000010000000000000001", segment)
        .put("pg_xact/0000", new byte[CommitLog.PAGE_BYTES]);
  }

  public static void readAll(byte[] stream) throws IOException {
    WalReader reader = WalReader.all(WalFiles.ofTimeline(directory(stream), "pg_wal", 1));
    Text line = new Text();
    while (reader.next()) {
      line.clear();
      WalLine.append(line, reader.lsn(), reader.view());
    }
    if (reader.end().orElseThrow().describe().isEmpty()) {
      throw new IllegalStateException("the end has no reason");
    }
  }

  public static void replay(byte[] stream) throws IOException {
    CommitLogRedo.Result result = CommitLogRedo.run(directory(stream));
    for (int xid = 690; xid < 710; xid++) {
      result.answer(new Xid(xid));
    }
  }
}
