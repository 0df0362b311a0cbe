package phaistos.formats.record;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import phaistos.formats.ByteReader;
import phaistos.formats.RelationLocator;
import phaistos.formats.Text;
import phaistos.formats.wal.WalRecord;

/**
 * What pg_waldump prints for records without a decoded body; those of indexes are in other files.
 */
final class OtherDescriptions {
  private static final String[] MEMBER_STATES = {
    "(keysh) ", "(sh) ", "(fornokeyupd) ", "(forupd) ", "(nokeyupd) ", "(upd) "
  };

  private OtherDescriptions() {}

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

  /** C's {@code %f}. */
  static void fixed(Text out, String label, double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      general(out, label, value);
      return;
    }
    out.append(label);
    out.append(new BigDecimal(value).setScale(6, RoundingMode.HALF_EVEN).toPlainString());
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

  /** Before version 15, creation is always a copy, and dropping has the second number. */
  static void databaseBefore15(Text out, int info, ByteReader in, WalRecord record) {
    if (info == 0x00 || info == 0x10) {
      database(out, info * 2, in, record);
    }
  }

  static void database(Text out, int info, ByteReader in, WalRecord record) {
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

  static void tablespace(Text out, int info, ByteReader in, WalRecord record) {
    if (info == 0x00) {
      unsigned(out, "", in.i32());
      out.append(" \"").append(in.zeroTerminated()).append('"');
    } else if (info == 0x10) {
      unsigned(out, "", in.i32());
    }
  }

  static void relationMap(Text out, int info, ByteReader in, WalRecord record) {
    unsigned(out, "database ", in.i32());
    unsigned(out, " tablespace ", in.i32());
    out.append(" size ").append(in.i32());
  }

  private static long page(ByteReader in, boolean longNumbers) {
    return longNumbers ? in.i64() : in.i32();
  }

  static void multixact(Text out, int info, ByteReader in, boolean longPageNumbers) {
    switch (info) {
      case 0x00, 0x10 -> out.append(page(in, longPageNumbers));
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

  static void commitTime(Text out, int info, ByteReader in, boolean longPageNumbers) {
    if (info == 0x00) {
      out.append(page(in, longPageNumbers));
    } else if (info == 0x10) {
      out.append("pageno ").append(page(in, longPageNumbers));
      unsigned(out, ", oldestXid ", in.i32());
    }
  }

  static void origin(Text out, int info, ByteReader in, WalRecord record) {
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
