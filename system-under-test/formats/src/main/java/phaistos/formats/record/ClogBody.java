package phaistos.formats.record;

import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.FormatException;
import phaistos.formats.Text;
import phaistos.formats.Xid;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/** The commit log's own records. */
public sealed interface ClogBody extends RecordBody {
  @Override
  default int rmgrId() {
    return Rmgr.CLOG.id();
  }

  /** A page begins, with all transactions in progress. */
  record ZeroPage(int page) implements ClogBody {
    @Override
    public int info() {
      return 0x00;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().i32(page).toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append("page ").append(page);
    }
  }

  /** Segments entirely before {@code page} are removed. */
  record Truncate(int page, Xid oldestXid, int oldestXidDatabase) implements ClogBody {
    @Override
    public int info() {
      return 0x10;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().i32(page).xid(oldestXid).i32(oldestXidDatabase).toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append("page ").append(page).append("; oldestXact ").unsigned(oldestXid.value());
    }
  }

  /** {@code longNumbers}: pages have numbers of 64 bits, though never one that needs them. */
  static ClogBody decode(WalRecord record, boolean longNumbers) {
    ByteReader in = new ByteReader(record.mainData(), "CLOG record");
    ClogBody body =
        switch (record.info() & WalRecord.RMGR_INFO) {
          case 0x00 -> new ZeroPage(page(in, longNumbers));
          case 0x10 -> new Truncate(page(in, longNumbers), in.xid(), in.i32());
          default -> throw RecordBody.unknown(record);
        };
    in.end();
    return body;
  }

  private static int page(ByteReader in, boolean longNumber) {
    long page = longNumber ? in.i64() : in.i32();
    if (page != (int) page) {
      throw new FormatException("CLOG record: there is no page " + page);
    }
    return (int) page;
  }
}
