package phaistos.formats.record;

import java.util.List;
import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.FormatException;
import phaistos.formats.Padding;
import phaistos.formats.Text;
import phaistos.formats.Xid;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/** Records for hot standbys (storage/standbydefs.h). */
public sealed interface StandbyBody extends RecordBody {
  @Override
  default int rmgrId() {
    return Rmgr.STANDBY.id();
  }

  /** An AccessExclusiveLock that a transaction holds. */
  record Lock(Xid xid, int database, int relation) {
    static Lock read(ByteReader in) {
      return new Lock(in.xid(), in.i32(), in.i32());
    }
  }

  record Locks(List<Lock> locks) implements StandbyBody {
    @Override
    public int info() {
      return 0x00;
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter().i32(locks.size());
      for (Lock lock : locks) {
        out.xid(lock.xid).i32(lock.database).i32(lock.relation);
      }
      return out.toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      for (Lock lock : locks) {
        out.append("xid ").unsigned(lock.xid.value());
        out.append(" db ").unsigned(lock.database);
        out.append(" rel ").unsigned(lock.relation).append(' ');
      }
    }
  }

  /**
   * The transactions that are running.
   *
   * @param xids top-level transactions
   * @param subxids subtransactions, complete unless {@code overflow}
   * @param overflow some subtransactions are missing
   */
  record RunningXacts(
      List<Xid> xids,
      List<Xid> subxids,
      boolean overflow,
      Xid nextXid,
      Xid oldestRunningXid,
      Xid latestCompletedXid,
      Padding padding)
      implements StandbyBody {
    public static RunningXacts of(
        List<Xid> xids, List<Xid> subxids, boolean overflow, Xid next, Xid oldest, Xid latest) {
      return new RunningXacts(xids, subxids, overflow, next, oldest, latest, Padding.ZERO);
    }

    @Override
    public int info() {
      return 0x10;
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter(padding);
      out.i32(xids.size()).i32(subxids.size()).bool(overflow).pad(3);
      out.xid(nextXid).xid(oldestRunningXid).xid(latestCompletedXid);
      Lists.writeXids(out, xids);
      Lists.writeXids(out, subxids);
      return out.toBytes();
    }

    static RunningXacts read(ByteReader in) {
      int count = in.i32();
      int subCount = in.i32();
      boolean overflow = in.bool();
      in.pad(3);
      Xid next = in.xid();
      Xid oldest = in.xid();
      Xid latest = in.xid();
      if (count < 0 || subCount < 0 || 4L * count + 4L * subCount != in.remaining()) {
        throw new FormatException(
            "RUNNING_XACTS: %d and %d transactions in %d bytes"
                .formatted(count, subCount, in.remaining()));
      }
      List<Xid> xids = Lists.read(in, count, ByteReader::xid);
      List<Xid> subxids = Lists.read(in, subCount, ByteReader::xid);
      return new RunningXacts(xids, subxids, overflow, next, oldest, latest, in.padding());
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append("nextXid ").unsigned(nextXid.value());
      out.append(" latestCompletedXid ").unsigned(latestCompletedXid.value());
      out.append(" oldestRunningXid ").unsigned(oldestRunningXid.value());
      if (!xids.isEmpty()) {
        Lists.describeXids(out.append("; ").append(xids.size()).append(" xacts:"), xids);
      }
      if (overflow) {
        out.append(wording.tellsRunningSubxids() ? "; subxid overflowed" : "; subxid ovf");
      }
      if (!subxids.isEmpty() && wording.tellsRunningSubxids()) {
        Lists.describeXids(out.append("; ").append(subxids.size()).append(" subxacts:"), subxids);
      }
    }
  }

  record Invalidations(
      int database,
      int space,
      boolean relcacheInitFile,
      List<InvalidationMessage> messages,
      Padding padding)
      implements StandbyBody {
    @Override
    public int info() {
      return 0x20;
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter(padding);
      out.i32(database).i32(space).bool(relcacheInitFile).pad(3).i32(messages.size());
      messages.forEach(message -> message.write(out));
      return out.toBytes();
    }

    static Invalidations read(ByteReader in) {
      int database = in.i32();
      int space = in.i32();
      boolean initFile = in.bool();
      in.pad(3);
      List<InvalidationMessage> messages =
          Lists.readCounted(in, InvalidationMessage.BYTES, InvalidationMessage::read);
      return new Invalidations(database, space, initFile, messages, in.padding());
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      InvalidationMessage.describeAll(out, messages, database, space, relcacheInitFile);
    }
  }

  static StandbyBody decode(WalRecord record) {
    ByteReader in = new ByteReader(record.mainData(), "Standby record");
    StandbyBody body =
        switch (record.info() & WalRecord.RMGR_INFO) {
          case 0x00 -> new Locks(Lists.readCounted(in, 12, Lock::read));
          case 0x10 -> RunningXacts.read(in);
          case 0x20 -> Invalidations.read(in);
          default -> throw RecordBody.unknown(record);
        };
    in.end();
    return body;
  }
}
