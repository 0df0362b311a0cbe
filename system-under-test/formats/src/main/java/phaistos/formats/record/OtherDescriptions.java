package phaistos.formats.record;

import java.math.BigDecimal;
import java.math.MathContext;
import phaistos.formats.ByteReader;
import phaistos.formats.RelationLocator;
import phaistos.formats.Text;
import phaistos.formats.wal.WalRecord;

/**
 * What pg_waldump prints for records that need no further decoding here; indexes have a file of
 * their own.
 */
final class OtherDescriptions {
  private static final String[] MEMBER_STATES = {
    "(keysh) ", "(sh) ", "(fornokeyupd) ", "(forupd) ", "(nokeyupd) ", "(upd) "
  };

  private OtherDescriptions() {}

  static void describe(Text out, WalRecord record) {
    if (record.rmgr().isEmpty()) {
      return;
    }
    int info = record.info() & WalRecord.RMGR_INFO;
    ByteReader in = new ByteReader(record.mainData(), record.rmgr().get().recordName());
    switch (record.rmgr().get()) {
      case DATABASE -> describeDatabase(out, info, in);
      case TABLESPACE -> describeTablespace(out, info, in);
      case MULTIXACT -> describeMultixact(out, info, in);
      case RELMAP -> {
        unsigned(out, "database ", in.i32());
        unsigned(out, " tablespace ", in.i32());
        out.append(" size ").append(in.i32());
      }
      case COMMIT_TS -> describeCommitTime(out, info, in);
      case REPLICATION_ORIGIN -> describeOrigin(out, info, in);
      case BTREE -> IndexDescriptions.describeBtree(out, info, in, record);
      case HASH -> IndexDescriptions.describeHash(out, info, in);
      case GIN -> IndexDescriptions.describeGin(out, info, in, record);
      case GIST -> IndexDescriptions.describeGist(out, info, in);
      case SPGIST -> IndexDescriptions.describeSpgist(out, info, in);
      case BRIN -> IndexDescriptions.describeBrin(out, info & 0x70, in);
      case XLOG,
          TRANSACTION,
          STORAGE,
          CLOG,
          STANDBY,
          HEAP2,
          HEAP,
          SEQUENCE,
          GENERIC,
          LOGICAL_MESSAGE -> {
        // decoded elsewhere; a generic record's deltas stand in its blocks
      }
    }
  }

  static void unsigned(Text out, String label, int value) {
    out.append(label).unsigned(value);
  }

  static void relation(Text out, ByteReader in) {
    RelationLocator.read(in).appendTo(out.append("rel "));
  }

  /** Epoch and number of a full transaction id, from its 64 bits. */
  static void fullXid(Text out, String label, long xid) {
    unsigned(out, label, (int) (xid >>> 32));
    unsigned(out, ":", (int) xid);
  }

  /** C's {@code %g}. */
  static void general(Text out, String label, double value) {
    out.append(label);
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      out.append(Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf");
      return;
    }
    if (value == 0) {
      out.append('0');
      return;
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent >= -4 && exponent < 6) {
      out.append(rounded.toPlainString());
      return;
    }
    out.append(rounded.scaleByPowerOfTen(-exponent).toPlainString());
    out.append(exponent < 0 ? "e-" : "e+").append(Math.abs(exponent) < 10 ? "0" : "");
    out.append(Math.abs(exponent));
  }

  private static void describeDatabase(Text out, int info, ByteReader in) {
    int database = in.i32();
    switch (info) {
      case 0x00 -> {
        int space = in.i32();
        int source = in.i32();
        unsigned(out, "copy dir ", in.i32());
        unsigned(out, "/", source);
        unsigned(out, " to ", space);
        unsigned(out, "/", database);
      }
      case 0x10 -> {
        unsigned(out, "create dir ", in.i32());
        unsigned(out, "/", database);
      }
      case 0x20 -> {
        out.append("dir");
        for (int left = in.count(4); left > 0; left--) {
          unsigned(out, " ", in.i32());
          unsigned(out, "/", database);
        }
      }
      default -> {
        // without a description
      }
    }
  }

  private static void describeTablespace(Text out, int info, ByteReader in) {
    if (info == 0x00) {
      unsigned(out, "", in.i32());
      out.append(" \"").append(in.zeroTerminated()).append('"');
    } else if (info == 0x10) {
      unsigned(out, "", in.i32());
    }
  }

  private static void describeMultixact(Text out, int info, ByteReader in) {
    switch (info) {
      case 0x00, 0x10 -> out.append(in.i32());
      case 0x20 -> {
        unsigned(out, "", in.i32());
        unsigned(out, " offset ", in.i32());
        int members = in.count(8);
        out.append(" nmembers ").append(members).append(": ");
        for (int i = 0; i < members; i++) {
          unsigned(out, "", in.i32());
          int state = in.i32();
          out.append(' ');
          out.append(state >= 0 && state < MEMBER_STATES.length ? MEMBER_STATES[state] : "(unk) ");
        }
      }
      case 0x30 -> {
        in.i32();
        unsigned(out, "offsets [", in.i32());
        unsigned(out, ", ", in.i32());
        unsigned(out, "), members [", in.i32());
        unsigned(out, ", ", in.i32());
        out.append(')');
      }
      default -> {
        // without a description
      }
    }
  }

  private static void describeCommitTime(Text out, int info, ByteReader in) {
    if (info == 0x00) {
      out.append(in.i32());
    } else if (info == 0x10) {
      out.append("pageno ").append(in.i32());
      unsigned(out, ", oldestXid ", in.i32());
    }
  }

  private static void describeOrigin(Text out, int info, ByteReader in) {
    if (info == 0x00) {
      long lsn = in.i64();
      out.append("set ").append(in.u16());
      out.append("; lsn ").lsn(lsn);
      out.append("; force: ").append(in.u8());
    } else if (info == 0x10) {
      out.append("drop ").append(in.u16());
    }
  }
}
