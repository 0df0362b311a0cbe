package phaistos.formats.record;

import static phaistos.formats.record.OtherDescriptions.fullXid;
import static phaistos.formats.record.OtherDescriptions.relation;
import static phaistos.formats.record.OtherDescriptions.unsigned;

import java.util.List;
import phaistos.formats.ByteReader;
import phaistos.formats.Text;
import phaistos.formats.wal.BlockReference;
import phaistos.formats.wal.WalRecord;

/** What pg_waldump prints for records of btree indexes (nbtdesc.c, nbtxlog.h). */
final class BtreeDescriptions {
  private BtreeDescriptions() {}

  static void before14(Text out, int info, ByteReader in, WalRecord record) {
    switch (info) {
      case 0x70 -> {
        unsigned(out, "latestRemovedXid ", in.i32());
        unsigned(out, "; ndeleted ", in.i32());
      }
      case 0x80, 0x90 -> {
        unsigned(out, "left ", in.i32());
        unsigned(out, "; right ", in.i32());
        int leafLeft = in.i32();
        int leafRight = in.i32();
        int topParent = in.i32();
        unsigned(out, "; btpo_xact ", in.i32());
        unsigned(out, "; leafleft ", leafLeft);
        unsigned(out, "; leafright ", leafRight);
        unsigned(out, "; topparent ", topParent);
      }
      case 0xD0 -> {
        relation(out, in);
        in.i32();
        unsigned(out, "; latestRemovedXid ", in.i32());
      }
      case 0xE0 -> {
        ByteReader meta = IndexDescriptions.blockData(record);
        meta.bytes(20);
        unsigned(out, "oldest_btpo_xact ", meta.i32());
        double tuples = Double.longBitsToDouble(meta.i64());
        OtherDescriptions.fixed(out, "; last_cleanup_num_heap_tuples: ", tuples);
      }
      default -> before16(out, info, in, record);
    }
  }

  static void before16(Text out, int info, ByteReader in, WalRecord record) {
    switch (info) {
      case 0x00, 0x10, 0x20, 0x50 -> out.append("off ").append(in.u16());
      case 0x30, 0x40 -> {
        unsigned(out, "level ", in.i32());
        out.append(", firstrightoff ").append(in.u16()).append(", newitemoff ").append(in.u16());
        out.append(", postingoff ").append(in.u16());
      }
      case 0x60 -> out.append("nintervals ").append(in.u16());
      case 0x70 -> {
        unsigned(out, "latestRemovedXid ", in.i32());
        out.append("; ndeleted ").append(in.u16()).append("; nupdated ").append(in.u16());
      }
      case 0x80, 0x90 -> {
        unsigned(out, "left ", in.i32());
        unsigned(out, "; right ", in.i32());
        unsigned(out, "; level ", in.i32());
        in.pad(4);
        fullXid(out, "; safexid ", in.i64());
        unsigned(out, "; leafleft ", in.i32());
        unsigned(out, "; leafright ", in.i32());
        unsigned(out, "; leaftopparent ", in.i32());
      }
      case 0xA0 -> {
        in.i32();
        unsigned(out, "lev ", in.i32());
      }
      case 0xB0 -> {
        in.pad(4);
        int leaf = in.i32();
        int left = in.i32();
        int right = in.i32();
        unsigned(out, "topparent ", in.i32());
        unsigned(out, "; leaf ", leaf);
        unsigned(out, "; left ", left);
        unsigned(out, "; right ", right);
      }
      case 0xC0 -> out.append("ndeleted ").append(in.u16()).append("; nupdated ").append(in.u16());
      case 0xD0 -> {
        relation(out, in);
        in.i32();
        fullXid(out, "; latestRemovedXid ", in.i64());
      }
      case 0xE0 -> {
        ByteReader meta = IndexDescriptions.blockData(record);
        meta.bytes(20);
        unsigned(out, "last_cleanup_num_delpages ", meta.i32());
      }
      default -> {
        // without a description
      }
    }
  }

  static void since16(Text out, int info, ByteReader in, WalRecord record, boolean catalog) {
    switch (info) {
      case 0x00, 0x10, 0x20, 0x50 -> HeapWords.SINCE_16.offset(out, in.u16());
      case 0x30, 0x40 -> {
        unsigned(out, "level: ", in.i32());
        out.append(", firstrightoff: ").append(in.u16()).append(", newitemoff: ").append(in.u16());
        out.append(", postingoff: ").append(in.u16());
      }
      case 0x60 -> out.append("nintervals: ").append(in.u16());
      case 0x70 -> {
        unsigned(out, "snapshotConflictHorizon: ", in.i32());
        int deleted = in.u16();
        int updated = in.u16();
        out.append(", ndeleted: ").append(deleted).append(", nupdated: ").append(updated);
        IndexDescriptions.catalog(out, ", isCatalogRel: ", in, catalog);
        removed(out, record, deleted, updated);
      }
      case 0x80, 0x90 -> {
        unsigned(out, "left: ", in.i32());
        unsigned(out, ", right: ", in.i32());
        unsigned(out, ", level: ", in.i32());
        in.pad(4);
        fullXid(out, ", safexid: ", in.i64());
        unsigned(out, ", leafleft: ", in.i32());
        unsigned(out, ", leafright: ", in.i32());
        unsigned(out, ", leaftopparent: ", in.i32());
      }
      case 0xA0 -> {
        in.i32();
        unsigned(out, "level: ", in.i32());
      }
      case 0xB0 -> {
        in.pad(4);
        int leaf = in.i32();
        int left = in.i32();
        int right = in.i32();
        unsigned(out, "topparent: ", in.i32());
        unsigned(out, ", leaf: ", leaf);
        unsigned(out, ", left: ", left);
        unsigned(out, ", right: ", right);
      }
      case 0xC0 -> {
        int deleted = in.u16();
        int updated = in.u16();
        out.append("ndeleted: ").append(deleted).append(", nupdated: ").append(updated);
        removed(out, record, deleted, updated);
      }
      case 0xD0 -> {
        out.append("rel: ");
        phaistos.formats.RelationLocator.read(in).appendTo(out);
        in.i32();
        fullXid(out, ", snapshotConflictHorizon: ", in.i64());
        IndexDescriptions.catalog(out, ", isCatalogRel: ", in, catalog);
      }
      case 0xE0 -> {
        ByteReader meta = IndexDescriptions.blockData(record);
        meta.bytes(20);
        unsigned(out, "last_cleanup_num_delpages: ", meta.i32());
      }
      default -> {
        // without a description
      }
    }
  }

  /** The deleted tuples, and the deleted row pointers of posting lists. */
  private static void removed(Text out, WalRecord record, int deleted, int updated) {
    if (record.block(0).map(BlockReference::data).orElse(RecordBody.NO_BYTES).length == 0) {
      return;
    }
    ByteReader in = IndexDescriptions.blockData(record);
    Lists.describeOffsets(out.append(", deleted: "), Lists.readOffsets(in, deleted));
    List<Integer> changed = Lists.readOffsets(in, updated);
    out.append(", updated: [");
    String separator = "";
    for (int offset : changed) {
      int pointers = in.u16();
      out.append(separator).append("{ off: ").append(offset).append(", nptids: ").append(pointers);
      Lists.describeOffsets(out.append(", ptids: "), Lists.readOffsets(in, pointers));
      out.append(" }");
      separator = ", ";
    }
    out.append(']');
  }
}
