package phaistos.formats.record;

import static phaistos.formats.record.OtherDescriptions.fullXid;
import static phaistos.formats.record.OtherDescriptions.general;
import static phaistos.formats.record.OtherDescriptions.relation;
import static phaistos.formats.record.OtherDescriptions.unsigned;

import java.util.Optional;
import phaistos.formats.ByteReader;
import phaistos.formats.Text;
import phaistos.formats.wal.BlockReference;
import phaistos.formats.wal.WalRecord;

/** What pg_waldump prints for records of indexes other than btree and SP-GiST. */
final class IndexDescriptions {
  private IndexDescriptions() {}

  /** Before version 16; the word for the newest transaction removed changed in 14. */
  static void hashBefore16(Text out, int info, ByteReader in, String removed) {
    if (info != 0xC0) {
      hash(out, info, in, false);
      return;
    }
    int latest = in.i32();
    out.append("ntuples ").append(in.i32());
    unsigned(out.append(", "), removed, latest);
  }

  static void hash(Text out, int info, ByteReader in, boolean catalog) {
    switch (info) {
      case 0x00 -> {
        general(out, "num_tuples ", Double.longBitsToDouble(in.i64()));
        in.i32();
        out.append(", fillfactor ").append(in.u16());
      }
      case 0x10 -> out.append("bmsize ").append(in.u16());
      case 0x20 -> out.append("off ").append(in.u16());
      case 0x30 -> {
        out.append("bmsize ").append(in.u16());
        flag(out, ", bmpage_found ", in.u8());
      }
      case 0x40 -> {
        unsigned(out, "new_bucket ", in.i32());
        in.i32();
        int flags = in.u8();
        flag(out, ", meta_page_masks_updated ", flags & 1);
        flag(out, ", issplitpoint_changed ", flags & 2);
      }
      case 0x60 -> {
        out.append("old_bucket_flag ").append(in.u16());
        out.append(", new_bucket_flag ").append(in.u16());
      }
      case 0x70 -> {
        out.append("ntups ").append(in.u16());
        flag(out, ", is_primary ", in.u8());
      }
      case 0x80 -> {
        unsigned(out, "prevblkno ", in.i32());
        unsigned(out, ", nextblkno ", in.i32());
        out.append(", ntups ").append(in.u16());
        flag(out, ", is_primary ", in.u8());
      }
      case 0x90 -> {
        flag(out, "clear_dead_marking ", in.u8());
        flag(out, ", is_primary ", in.u8());
      }
      case 0xB0 -> general(out, "ntuples ", Double.longBitsToDouble(in.i64()));
      case 0xC0 -> {
        int horizon = in.i32();
        out.append("ntuples ").append(in.u16());
        unsigned(out, ", snapshotConflictHorizon ", horizon);
        catalog(out, ", isCatalogRel ", in, catalog);
      }
      default -> {
        // without a description
      }
    }
  }

  static void gin(Text out, int info, ByteReader in, WalRecord record) {
    switch (info) {
      case 0x20 -> describeGinInsert(out, in, record);
      case 0x30 -> {
        in.bytes(24);
        int flags = in.u16();
        flag(out, "isrootsplit: ", flags & 4);
        flag(out, " isdata: ", flags & 1);
        flag(out, " isleaf: ", flags & 2);
      }
      case 0x80 -> {
        in.bytes(56);
        out.append("ndeleted: ").append(in.i32());
      }
      case 0x90 -> {
        if (!describeImage(out, record)) {
          describeRecompression(out, blockData(record));
        }
      }
      default -> {
        // without a description
      }
    }
  }

  private static void describeGinInsert(Text out, ByteReader in, WalRecord record) {
    int flags = in.u16();
    boolean isData = (flags & 1) != 0;
    boolean isLeaf = (flags & 2) != 0;
    flag(out, "isdata: ", flags & 1);
    flag(out, " isleaf: ", flags & 2);
    if (!isLeaf) {
      unsigned(out, " children: ", blockNumber(in));
      unsigned(out, "/", blockNumber(in));
    }
    if (describeImage(out, record)) {
      return;
    }
    ByteReader block = blockData(record);
    if (!isData) {
      block.u16();
      flag(out, " isdelete: ", block.u8());
    } else if (isLeaf) {
      describeRecompression(out, block);
    } else {
      block.u16();
      unsigned(out, " pitem: ", blockNumber(block));
      unsigned(out, "-", blockNumber(block));
      unsigned(out, "/", block.u16());
    }
  }

  private static boolean describeImage(Text out, WalRecord record) {
    Optional<BlockReference> block = record.block(0).filter(b -> b.image().isPresent());
    block.ifPresent(
        b ->
            out.append(
                b.image().get().apply()
                    ? " (full page image)"
                    : " (full page image, for WAL verification)"));
    return block.isPresent();
  }

  private static void describeRecompression(Text out, ByteReader in) {
    int actions = in.u16();
    out.append(' ').append(actions).append(" segments:");
    for (int i = 0; i < actions; i++) {
      out.append(' ').append(in.u8());
      int action = in.u8();
      switch (action) {
        case 1 -> out.append(" (delete)");
        case 2, 3 -> {
          in.bytes(6);
          int bytes = in.u16();
          in.bytes(bytes + 1 & -2);
          out.append(action == 2 ? " (insert)" : " (replace)");
        }
        case 4 -> {
          int items = in.u16();
          in.bytes(items * 6);
          out.append(" (add ").append(items).append(" items)");
        }
        default -> {
          out.append(" unknown action ").append(action).append(" ???");
          return;
        }
      }
    }
  }

  static void gistBefore16(Text out, int info, ByteReader in, WalRecord record) {
    switch (info) {
      case 0x10 -> {
        unsigned(out, "delete: latestRemovedXid ", in.i32());
        out.append(", nitems: ").append(in.u16());
      }
      case 0x20 -> {
        relation(out, in);
        unsigned(out, "; blk ", in.i32());
        fullXid(out, "; latestRemovedXid ", in.i64());
      }
      default -> gist(out, info, in, false);
    }
  }

  static void gist(Text out, int info, ByteReader in, boolean catalog) {
    switch (info) {
      case 0x10 -> {
        unsigned(out, "delete: snapshotConflictHorizon ", in.i32());
        out.append(", nitems: ").append(in.u16());
        catalog(out, ", isCatalogRel ", in, catalog);
      }
      case 0x20 -> {
        relation(out, in);
        unsigned(out, "; blk ", in.i32());
        fullXid(out, "; snapshotConflictHorizon ", in.i64());
        catalog(out, ", isCatalogRel ", in, catalog);
      }
      case 0x30 -> {
        in.i32();
        in.pad(4);
        in.i64();
        in.u8();
        in.pad(1);
        out.append("page_split: splits to ").append(in.u16()).append(" pages");
      }
      case 0x60 -> {
        fullXid(out, "deleteXid ", in.i64());
        out.append("; downlink ").append(in.u16());
      }
      default -> {
        // without a description
      }
    }
  }

  static void brin(Text out, int info, ByteReader in, WalRecord record) {
    switch (info & 0x70) {
      case 0x00 -> {
        int pages = in.i32();
        out.append('v').append(in.u16());
        unsigned(out, " pagesPerRange ", pages);
      }
      case 0x10 -> {
        unsigned(out, "heapBlk ", in.i32());
        unsigned(out, " pagesPerRange ", in.i32());
        out.append(" offnum ").append(in.u16());
      }
      case 0x20 -> {
        int old = in.u16();
        in.pad(2);
        unsigned(out, "heapBlk ", in.i32());
        unsigned(out, " pagesPerRange ", in.i32());
        out.append(" old offnum ").append(old).append(", new offnum ").append(in.u16());
      }
      case 0x30 -> out.append("offnum ").append(in.u16());
      case 0x40 -> unsigned(out, "targetBlk ", in.i32());
      case 0x50 -> {
        unsigned(out, "pagesPerRange ", in.i32());
        unsigned(out, ", heapBlk ", in.i32());
        out.append(", page offset ").append(in.u16());
      }
      default -> {
        // without a description
      }
    }
  }

  /** The letter that says whether an index is a catalog's, where the version prints it. */
  static void catalog(Text out, String label, ByteReader in, boolean isTold) {
    if (isTold) {
      flag(out, label, in.u8());
    }
  }

  private static void flag(Text out, String label, int value) {
    out.append(label).append(value != 0 ? 'T' : 'F');
  }

  /** A block number in two halves, the upper one first. */
  private static int blockNumber(ByteReader in) {
    return in.u16() << 16 | in.u16();
  }

  static ByteReader blockData(WalRecord record) {
    byte[] data = record.block(0).map(BlockReference::data).orElse(RecordBody.NO_BYTES);
    return new ByteReader(data, record.rmgr().orElseThrow().recordName() + "'s block 0");
  }
}
