package phaistos.formats.record;

import static phaistos.formats.record.OtherDescriptions.unsigned;

import phaistos.formats.ByteReader;
import phaistos.formats.Text;
import phaistos.formats.wal.WalRecord;

/** What pg_waldump prints for records of SP-GiST indexes (spgdesc.c, spgxlog.h). */
final class SpgistDescriptions {
  private SpgistDescriptions() {}

  static void before14(Text out, int info, ByteReader in, WalRecord record) {
    switch (info) {
      case 0x10 -> {
        String newPage = in.u8() != 0 ? " (newpage)" : "";
        String nulls = in.u8() != 0 ? " (nulls)" : "";
        out.append("add leaf to page; off ").append(in.u16()).append("; headoff ");
        out.append(in.u16()).append("; parentoff ").append(in.u16());
        out.append(newPage).append(nulls);
      }
      case 0x20 -> out.append(in.u16()).append(" leafs");
      case 0x30 -> out.append("off ").append(in.u16());
      case 0x40 -> {
        out.append("prefix off: ").append(in.u16()).append(", postfix off: ").append(in.u16());
        int newPage = in.u8();
        out.append(" (same ").append(in.u8()).append(", new ").append(newPage).append(')');
      }
      case 0x50 -> {
        boolean rootSplit = in.u8() != 0;
        in.pad(1);
        out.append("ndel ").append(in.u16()).append("; nins ").append(in.u16());
        in.bytes(6);
        out.append(in.u8() != 0 ? " (innerIsParent)" : "");
        out.append(rootSplit ? " (isRootSplit)" : "");
      }
      case 0x80 -> {
        in.bytes(4);
        unsigned(out, "newest XID ", in.i32());
      }
      default -> {
        // without a description
      }
    }
  }

  static void since16(Text out, int info, ByteReader in, WalRecord record, boolean catalog) {
    if (info != 0x80) {
      before16(out, info, in, record);
      return;
    }
    placeholders(out, in);
    unsigned(out, ", snapshotConflictHorizon: ", in.i32());
    IndexDescriptions.catalog(out, ", isCatalogRel: ", in, catalog);
  }

  private static void placeholders(Text out, ByteReader in) {
    out.append("ntoplaceholder: ").append(in.u16());
    out.append(", firstplaceholder: ").append(in.u16());
  }

  static void before16(Text out, int info, ByteReader in, WalRecord record) {
    switch (info) {
      case 0x10 -> {
        String newPage = in.u8() != 0 ? " (newpage)" : "";
        String nulls = in.u8() != 0 ? " (nulls)" : "";
        out.append("off: ").append(in.u16()).append(", headoff: ").append(in.u16());
        describeParent(out, in).append(newPage).append(nulls);
      }
      case 0x20 -> {
        out.append("nmoves: ").append(in.u16());
        String newPage = in.u8() != 0 ? " (newpage)" : "";
        String replaceDead = in.u8() != 0 ? " (replacedead)" : "";
        String nulls = in.u8() != 0 ? " (nulls)" : "";
        in.pad(1);
        describeParent(out, in).append(newPage).append(replaceDead).append(nulls);
      }
      case 0x30 -> {
        out.append("off: ").append(in.u16()).append(", newoff: ").append(in.u16());
        String newPage = in.u8() != 0 ? " (newpage)" : "";
        out.append(", parentBlk: ").append((byte) in.u8());
        describeParent(out, in).append(newPage);
      }
      case 0x40 -> {
        out.append("prefixoff: ").append(in.u16()).append(", postfixoff: ").append(in.u16());
        out.append(in.u8() != 0 ? " (newpage)" : "").append(in.u8() != 0 ? " (same)" : "");
      }
      case 0x50 -> {
        boolean rootSplit = in.u8() != 0;
        in.pad(1);
        out.append("ndelete: ").append(in.u16()).append(", ninsert: ").append(in.u16());
        in.u16();
        out.append(", inneroff: ").append(in.u16());
        in.u8();
        String nulls = in.u8() != 0 ? " (nulls)" : "";
        boolean innerIsParent = in.u8() != 0;
        in.pad(1);
        describeParent(out, in).append(innerIsParent ? " (innerIsParent)" : "").append(nulls);
        out.append(rootSplit ? " (isRootSplit)" : "");
      }
      case 0x60 -> {
        out.append("ndead: ").append(in.u16()).append(", nplaceholder: ").append(in.u16());
        out.append(", nmove: ").append(in.u16()).append(", nchain: ").append(in.u16());
      }
      case 0x70 -> out.append("ndelete: ").append(in.u16());
      case 0x80 -> {
        placeholders(out, in);
        unsigned(out, ", newestredirectxid: ", in.i32());
      }
      default -> {
        // without a description
      }
    }
  }

  private static Text describeParent(Text out, ByteReader in) {
    out.append(", parentoff: ").append(in.u16());
    return out.append(", nodeI: ").append(in.u16());
  }
}
