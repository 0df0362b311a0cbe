package phaistos.formats.wal;

import java.util.Optional;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.Text;
import phaistos.formats.record.RecordBody;

/** A record as a line of text, byte for byte as pg_waldump 15 prints it in the time zone UTC. */
public final class WalLine {
  private WalLine() {}

  /** The line without its end. */
  public static void append(Text out, Lsn lsn, int totalLength, WalRecord record) {
    int imageBytes = 0;
    for (BlockReference block : record.blocks()) {
      if (block.image().isPresent()) {
        imageBytes += block.image().get().stored().length;
      }
    }
    out.append("rmgr: ").padded(Rmgr.label(record.rmgrId()), 11);
    out.append(" len (rec/tot): ").padded(totalLength - imageBytes, 6, ' ');
    out.append('/').padded(totalLength, 6, ' ');
    out.append(", tx: ").padded(record.xid().toLong(), 10, ' ');
    out.append(", lsn: ").paddedLsn(lsn.value());
    out.append(", prev ").paddedLsn(record.previous().value());
    out.append(", desc: ").append(infoName(record)).append(' ');
    describe(out, record);
    for (BlockReference block : record.blocks()) {
      appendBlock(out, block);
    }
  }

  /** The name of the record's kind. */
  public static String infoName(WalRecord record) {
    Optional<Rmgr> rmgr = record.rmgr();
    return rmgr.isPresent()
        ? rmgr.get().infoName(record.info())
        : "UNKNOWN (%x)".formatted(record.info() & WalRecord.RMGR_INFO);
  }

  /** What follows the name; a body that cannot be decoded is told as such. */
  public static void describe(Text out, WalRecord record) {
    try {
      RecordBody.decode(record).describe(out, record);
    } catch (FormatException e) {
      out.append("damaged: ").append(e.getMessage());
    }
  }

  private static void appendBlock(Text out, BlockReference block) {
    out.append(", blkref #").append(block.id()).append(": rel ");
    block.relation().appendTo(out);
    if (block.fork() != BlockReference.MAIN_FORK) {
      out.append(" fork ").append(BlockReference.forkName(block.fork()));
    }
    out.append(" blk ").unsigned(block.block());
    if (block.image().isPresent()) {
      out.append(block.image().get().apply() ? " FPW" : " FPW for WAL verification");
    }
  }
}
