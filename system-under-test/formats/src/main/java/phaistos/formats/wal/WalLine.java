package phaistos.formats.wal;

import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.Unsigned;
import phaistos.formats.record.RecordBody;

/** A record as a line of text, byte for byte as pg_waldump 15 prints it in the time zone UTC. */
public final class WalLine {
  private WalLine() {}

  /** The line without its end. */
  public static void append(StringBuilder out, Lsn lsn, int totalLength, WalRecord record) {
    int imageBytes = 0;
    for (BlockReference block : record.blocks()) {
      if (block.image().isPresent()) {
        imageBytes += block.image().get().stored().length;
      }
    }
    String rmgr = Rmgr.label(record.rmgrId());
    padRight(out.append("rmgr: "), rmgr, 11);
    padLeft(out.append(" len (rec/tot): "), totalLength - imageBytes, 6);
    padLeft(out.append('/'), totalLength, 6);
    padLeft(out.append(", tx: "), record.xid().toLong(), 10);
    Unsigned.appendPaddedLsn(out.append(", lsn: "), lsn.value());
    Unsigned.appendPaddedLsn(out.append(", prev "), record.previous().value());
    out.append(", desc: ").append(infoName(record)).append(' ');
    describe(out, record);
    for (BlockReference block : record.blocks()) {
      appendBlock(out, block);
    }
  }

  /** The name of the record's kind. */
  public static String infoName(WalRecord record) {
    return record
        .rmgr()
        .map(rmgr -> rmgr.infoName(record.info()))
        .orElseGet(() -> "UNKNOWN (%x)".formatted(record.info() & WalRecord.RMGR_INFO));
  }

  /** What follows the name; a body that cannot be decoded is told as such. */
  public static void describe(StringBuilder out, WalRecord record) {
    try {
      RecordBody.decode(record).describe(out, record);
    } catch (FormatException e) {
      out.append("damaged: ").append(e.getMessage());
    }
  }

  private static void appendBlock(StringBuilder out, BlockReference block) {
    out.append(", blkref #").append(block.id()).append(": rel ");
    block.relation().appendTo(out);
    if (block.fork() != BlockReference.MAIN_FORK) {
      out.append(" fork ").append(BlockReference.forkName(block.fork()));
    }
    Unsigned.append(out.append(" blk "), block.block());
    if (block.image().isPresent()) {
      out.append(block.image().get().apply() ? " FPW" : " FPW for WAL verification");
    }
  }

  private static void padRight(StringBuilder out, String text, int width) {
    out.append(text);
    for (int i = text.length(); i < width; i++) {
      out.append(' ');
    }
  }

  private static void padLeft(StringBuilder out, long value, int width) {
    long limit = 10;
    for (int i = 1; i < width; i++, limit *= 10) {
      if (value < limit) {
        out.append(' ');
      }
    }
    out.append(value);
  }
}
