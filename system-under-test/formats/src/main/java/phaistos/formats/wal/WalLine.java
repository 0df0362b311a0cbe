package phaistos.formats.wal;

import java.util.Optional;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.Text;
import phaistos.formats.record.CommonDescriptions;
import phaistos.formats.record.RecordBody;

/** A record as a line of text, byte for byte as pg_waldump 15 prints it in the time zone UTC. */
public final class WalLine {
  private WalLine() {}

  /** The line without its end, of a record that begins at {@code lsn}. */
  public static void append(Text out, Lsn lsn, RecordView record) {
    int total = record.totalLength();
    out.append("rmgr: ").padded(Rmgr.label(record.rmgrId()), 11);
    out.append(" len (rec/tot): ").padded(total - record.imageBytes(), 6, ' ');
    out.append('/').padded(total, 6, ' ');
    out.append(", tx: ").padded(record.xid() & 0xFFFF_FFFFL, 10, ' ');
    out.append(", lsn: ").paddedLsn(lsn.value());
    out.append(", prev ").paddedLsn(record.previous());
    out.append(", desc: ").append(infoName(record.rmgrId(), record.info())).append(' ');
    if (!CommonDescriptions.append(out, record)) {
      describe(out, record.toRecord());
    }
    for (int i = 0; i < record.blockCount(); i++) {
      appendBlock(out, record.block(i));
    }
  }

  /** The name of the record's kind. */
  public static String infoName(int rmgrId, int info) {
    Optional<Rmgr> rmgr = Rmgr.of(rmgrId);
    return rmgr.isPresent()
        ? rmgr.get().infoName(info)
        : "UNKNOWN (%x)".formatted(info & WalRecord.RMGR_INFO);
  }

  /** What follows the name; a body that cannot be decoded is told as such. */
  public static void describe(Text out, WalRecord record) {
    try {
      RecordBody.decode(record).describe(out, record);
    } catch (FormatException e) {
      out.append("damaged: ").append(e.getMessage());
    }
  }

  private static void appendBlock(Text out, RecordView.Block block) {
    out.append(", blkref #").append(block.id()).append(": rel ").unsigned(block.space());
    out.append('/').unsigned(block.database()).append('/').unsigned(block.relation());
    if (block.fork() != BlockReference.MAIN_FORK) {
      out.append(" fork ").append(BlockReference.forkName(block.fork()));
    }
    out.append(" blk ").unsigned(block.block());
    if (block.hasImage()) {
      out.append(block.isImageApplied() ? " FPW" : " FPW for WAL verification");
    }
  }
}
