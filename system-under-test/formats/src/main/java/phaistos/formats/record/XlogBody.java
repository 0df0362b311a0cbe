package phaistos.formats.record;

import java.util.OptionalInt;
import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.Checkpoint;
import phaistos.formats.ControlFile;
import phaistos.formats.Lsn;
import phaistos.formats.Padding;
import phaistos.formats.PgTime;
import phaistos.formats.Text;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/** The records of resource manager XLOG. */
public sealed interface XlogBody extends RecordBody {
  /** The setting wal_level in words. */
  private static String levelName(int level) {
    return switch (level) {
      case 0 -> "minimal";
      case 1 -> "replica";
      case 2 -> "logical";
      default -> "?";
    };
  }

  @Override
  default int rmgrId() {
    return Rmgr.XLOG.id();
  }

  @Override
  default byte[] mainData() {
    return NO_BYTES;
  }

  record CheckpointTaken(boolean shutdown, Checkpoint checkpoint) implements XlogBody {
    @Override
    public int info() {
      return shutdown ? 0x00 : 0x10;
    }

    @Override
    public byte[] mainData() {
      return checkpoint.encode();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      Checkpoint c = checkpoint;
      out.append("redo ").lsn(c.redo().value());
      out.append("; tli ").unsigned(c.timeline());
      out.append("; prev tli ").unsigned(c.previousTimeline());
      out.append("; fpw ").append(c.fullPageWrites());
      c.walLevel().ifPresent(level -> out.append("; wal_level ").append(levelName(level)));
      out.append("; xid ").unsigned(c.nextXid().epoch());
      out.append(':').unsigned(c.nextXid().xid().value());
      out.append("; oid ").unsigned(c.nextOid());
      out.append("; multi ").unsigned(c.nextMulti());
      out.append("; offset ").unsigned(c.nextMultiOffset());
      out.append("; oldest xid ").unsigned(c.oldestXid().value());
      out.append(" in DB ").unsigned(c.oldestXidDatabase());
      out.append("; oldest multi ").unsigned(c.oldestMulti());
      out.append(" in DB ").unsigned(c.oldestMultiDatabase());
      out.append("; oldest/newest commit timestamp xid: ")
          .unsigned(c.oldestCommitTimeXid().value());
      out.append('/').unsigned(c.newestCommitTimeXid().value());
      out.append("; oldest running xid ").unsigned(c.oldestActiveXid().value());
      out.append(shutdown ? "; shutdown" : "; online");
    }
  }

  record Noop() implements XlogBody {
    @Override
    public int info() {
      return 0x20;
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {}
  }

  /** OIDs below this one may be assigned without another record. */
  record NextOid(int nextOid) implements XlogBody {
    @Override
    public int info() {
      return 0x30;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().i32(nextOid).toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.unsigned(nextOid);
    }
  }

  /** The rest of the segment is empty. */
  record Switch() implements XlogBody {
    @Override
    public int info() {
      return 0x40;
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {}
  }

  /** End of a base backup that began at {@code startPoint}. */
  record BackupEnd(Lsn startPoint) implements XlogBody {
    @Override
    public int info() {
      return 0x50;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().lsn(startPoint).toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.lsn(startPoint.value());
    }
  }

  record ParameterChange(ControlFile.Settings settings, Padding padding) implements XlogBody {
    @Override
    public int info() {
      return 0x60;
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter(padding);
      out.i32(settings.maxConnections()).i32(settings.maxWorkerProcesses());
      out.i32(settings.maxWalSenders()).i32(settings.maxPreparedTransactions());
      out.i32(settings.maxLocksPerTransaction()).i32(settings.walLevel());
      out.bool(settings.walLogHints()).bool(settings.trackCommitTimestamp()).pad(2);
      return out.toBytes();
    }

    static ParameterChange read(ByteReader in) {
      int connections = in.i32();
      int workers = in.i32();
      int senders = in.i32();
      int prepared = in.i32();
      int locks = in.i32();
      int level = in.i32();
      ControlFile.Settings settings =
          new ControlFile.Settings(
              level, in.bool(), connections, workers, senders, prepared, locks, in.bool());
      in.pad(2);
      return new ParameterChange(settings, in.padding());
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append("max_connections=").append(settings.maxConnections());
      out.append(" max_worker_processes=").append(settings.maxWorkerProcesses());
      out.append(" max_wal_senders=").append(settings.maxWalSenders());
      out.append(" max_prepared_xacts=").append(settings.maxPreparedTransactions());
      out.append(" max_locks_per_xact=").append(settings.maxLocksPerTransaction());
      out.append(" wal_level=").append(levelName(settings.walLevel()));
      out.append(" wal_log_hints=").append(settings.walLogHints() ? "on" : "off");
      out.append(" track_commit_timestamp=");
      out.append(settings.trackCommitTimestamp() ? "on" : "off");
    }
  }

  /**
   * A named point.
   *
   * @param name up to 63 characters
   * @param rest the bytes after the name's zero byte, up to 64 in all
   */
  record RestorePoint(long time, String name, Padding rest) implements XlogBody {
    private static final int NAME_BYTES = 64;

    @Override
    public int info() {
      return 0x70;
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter(rest).i64(time).text(name);
      return out.u8(0).pad(NAME_BYTES - 1 - name.length()).toBytes();
    }

    static RestorePoint read(ByteReader in) {
      long time = in.i64();
      String name = in.zeroTerminated();
      in.pad(in.remaining());
      return new RestorePoint(time, name, in.padding());
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append(name);
    }
  }

  record FullPageWritesChange(boolean on) implements XlogBody {
    @Override
    public int info() {
      return 0x80;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().bool(on).toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append(on);
    }
  }

  /** A new timeline begins, without a checkpoint; wal_level is stored from version 17 on. */
  record EndOfRecovery(long time, int timeline, int previousTimeline, OptionalInt walLevel)
      implements XlogBody {
    public EndOfRecovery(long time, int timeline, int previousTimeline) {
      this(time, timeline, previousTimeline, OptionalInt.empty());
    }

    static EndOfRecovery read(ByteReader in, boolean tellsWalLevel) {
      long time = in.i64();
      int timeline = in.i32();
      int previousTimeline = in.i32();
      if (!tellsWalLevel) {
        return new EndOfRecovery(time, timeline, previousTimeline);
      }
      OptionalInt walLevel = OptionalInt.of(in.i32());
      in.pad(4);
      return new EndOfRecovery(time, timeline, previousTimeline, walLevel);
    }

    @Override
    public int info() {
      return 0x90;
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter().i64(time).i32(timeline).i32(previousTimeline);
      walLevel.ifPresent(level -> out.i32(level).pad(4));
      return out.toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append("tli ").unsigned(timeline);
      out.append("; prev tli ").unsigned(previousTimeline);
      PgTime.append(out.append("; time "), time);
      walLevel.ifPresent(level -> out.append("; wal_level ").append(levelName(level)));
    }
  }

  /** Only images: of pages whose hint bits were set, or of whole new pages. */
  record FullPageImages(boolean forHint) implements XlogBody {
    @Override
    public int info() {
      return forHint ? 0xA0 : 0xB0;
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {}
  }

  /** The record that began at {@code overwritten} was never completed; WAL continues here. */
  record OverwriteContrecord(Lsn overwritten, long time) implements XlogBody {
    @Override
    public int info() {
      return 0xD0;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().lsn(overwritten).i64(time).toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append("lsn ").lsn(overwritten.value());
      PgTime.append(out.append("; time "), time);
    }
  }

  /** The redo point of an online checkpoint in progress (from version 17 on). */
  record CheckpointRedo(int walLevel) implements XlogBody {
    @Override
    public int info() {
      return 0xE0;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().i32(walLevel).toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append("wal_level ").append(levelName(walLevel));
    }
  }

  static XlogBody decode(WalRecord record, boolean tellsWalLevel) {
    ByteReader in = new ByteReader(record.mainData(), "XLOG record");
    XlogBody body =
        switch (record.info() & WalRecord.RMGR_INFO) {
          case 0x00, 0x10 ->
              new CheckpointTaken(
                  (record.info() & WalRecord.RMGR_INFO) == 0,
                  Checkpoint.decode(in.bytes(Checkpoint.BYTES), tellsWalLevel));
          case 0x20 -> new Noop();
          case 0x30 -> new NextOid(in.i32());
          case 0x40 -> new Switch();
          case 0x50 -> new BackupEnd(in.lsn());
          case 0x60 -> ParameterChange.read(in);
          case 0x70 -> RestorePoint.read(in);
          case 0x80 -> new FullPageWritesChange(in.bool());
          case 0x90 -> EndOfRecovery.read(in, tellsWalLevel);
          case 0xA0 -> new FullPageImages(true);
          case 0xB0 -> new FullPageImages(false);
          case 0xD0 -> new OverwriteContrecord(in.lsn(), in.i64());
          case 0xE0 -> {
            if (!tellsWalLevel) {
              throw RecordBody.unknown(record);
            }
            yield new CheckpointRedo(in.i32());
          }
          default -> throw RecordBody.unknown(record);
        };
    in.end();
    return body;
  }
}
