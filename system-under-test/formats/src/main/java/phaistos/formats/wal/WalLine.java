package phaistos.formats.wal;

import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.Text;

/**
 * A record as a line of text, byte for byte as the version's own pg_waldump prints it in the time
 * zone UTC.
 */
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
    out.append(", desc: ").append(record.format().infoName(record.rmgrId(), record.info()));
    out.append(' ');
    if (!record.format().describeCommon(out, record)) {
      describe(out, record);
    }
    for (int i = 0; i < record.blockCount(); i++) {
      appendBlock(out, record.block(i));
    }
  }

  /** The text after the name; it says so if the body cannot be decoded. */
  public static void describe(Text out, RecordView record) {
    try {
      record.format().describe(out, record.toRecord());
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
