package phaistos.formats.record;

import static phaistos.formats.record.OtherDescriptions.unsigned;

import java.util.List;
import java.util.Optional;
import phaistos.formats.ByteReader;
import phaistos.formats.FormatException;
import phaistos.formats.RelationLocator;
import phaistos.formats.Text;
import phaistos.formats.wal.WalRecord;

/**
 * What pg_waldump prints for records that prune, vacuum and freeze tables in versions other than 14
 * and 15 (heapdesc.c, heapam_xlog.h), and for inplace updates from 18 on.
 */
final class HeapDescriptions {
  private static final int IS_CATALOG = 1 << 1;
  private static final int HAS_HORIZON = 1 << 3;
  private static final int HAS_PLANS = 1 << 4;
  private static final int HAS_REDIRECTIONS = 1 << 5;
  private static final int HAS_DEAD = 1 << 6;
  private static final int HAS_UNUSED = 1 << 7;

  private HeapDescriptions() {}

  /** An offset, and the invalidations of a catalog's changed row. */
  static void inplace(Text out, int info, ByteReader in, WalRecord record) {
    HeapWords.SINCE_16.offset(out, in.u16());
    in.pad(2);
    int database = in.i32();
    int space = in.i32();
    boolean initFile = in.bool();
    in.pad(3);
    List<InvalidationMessage> messages =
        Lists.readCounted(in, InvalidationMessage.BYTES, InvalidationMessage::read);
    InvalidationMessage.describeAll(out, messages, database, space, initFile);
  }

  /** CLEAN, FREEZE_PAGE and CLEANUP_INFO of version 13. */
  static void cleanBefore14(Text out, int info, ByteReader in, WalRecord record) {
    switch (info & 0x70) {
      case 0x10 -> unsigned(out, "remxid ", in.i32());
      case 0x20 -> {
        unsigned(out, "cutoff xid ", in.i32());
        out.append(" ntuples ").append(in.u16());
      }
      case 0x30 -> {
        RelationLocator.read(in);
        unsigned(out, "remxid ", in.i32());
      }
      default -> {
        // decoded elsewhere
      }
    }
  }

  /** PRUNE, VACUUM and FREEZE_PAGE of version 16. */
  static void pruneOf16(Text out, int info, ByteReader in, WalRecord record) {
    Optional<ByteReader> block = HeapBody.blockZero(record);
    switch (info & 0x70) {
      case 0x10 -> {
        unsigned(out, "snapshotConflictHorizon: ", in.i32());
        int redirected = in.u16();
        int dead = in.u16();
        out.append(", nredirected: ").append(redirected).append(", ndead: ").append(dead);
        block.ifPresent(
            data -> {
              List<Integer> redirections = Lists.readOffsets(data, 2 * redirected);
              List<Integer> deadOffsets = Lists.readOffsets(data, dead);
              List<Integer> unused = rest(data);
              out.append(", nunused: ").append(unused.size()).append(", redirected: ");
              redirections(out, redirections);
              Lists.describeOffsets(out.append(", dead: "), deadOffsets);
              Lists.describeOffsets(out.append(", unused: "), unused);
            });
      }
      case 0x20 -> {
        int unused = in.u16();
        out.append("nunused: ").append(unused);
        block.ifPresent(
            data ->
                Lists.describeOffsets(out.append(", unused: "), Lists.readOffsets(data, unused)));
      }
      case 0x30 -> {
        unsigned(out, "snapshotConflictHorizon: ", in.i32());
        int plans = in.u16();
        out.append(", nplans: ").append(plans);
        block.ifPresent(data -> plans(out, readPlans(data, plans), data));
      }
      default -> {
        // decoded elsewhere
      }
    }
  }

  /** The three kinds of PRUNE from version 17 on, which have the same contents. */
  static void prune(Text out, int info, ByteReader in, WalRecord record) {
    in.u8();
    int flags = in.u8();
    if ((flags & HAS_HORIZON) != 0) {
      unsigned(out, "snapshotConflictHorizon: ", in.i32());
    }
    out.append(", isCatalogRel: ").append((flags & IS_CATALOG) != 0 ? 'T' : 'F');
    Optional<ByteReader> block = HeapBody.blockZero(record);
    if (block.isEmpty()) {
      return;
    }
    ByteReader data = block.get();
    List<Plan> plans = List.of();
    if ((flags & HAS_PLANS) != 0) {
      int count = data.u16();
      data.pad(2);
      plans = readPlans(data, count);
    }
    List<Integer> redirected =
        (flags & HAS_REDIRECTIONS) != 0 ? Lists.readOffsets(data, 2 * data.u16()) : List.of();
    List<Integer> dead = (flags & HAS_DEAD) != 0 ? Lists.readOffsets(data, data.u16()) : List.of();
    List<Integer> unused =
        (flags & HAS_UNUSED) != 0 ? Lists.readOffsets(data, data.u16()) : List.of();
    out.append(", nplans: ").append(plans.size());
    out.append(", nredirected: ").append(redirected.size() / 2);
    out.append(", ndead: ").append(dead.size()).append(", nunused: ").append(unused.size());
    if (!plans.isEmpty()) {
      plans(out, plans, data);
    }
    if (!redirected.isEmpty()) {
      redirections(out.append(", redirected: "), redirected);
    }
    if (!dead.isEmpty()) {
      Lists.describeOffsets(out.append(", dead: "), dead);
    }
    if (!unused.isEmpty()) {
      Lists.describeOffsets(out.append(", unused: "), unused);
    }
  }

  /** How a group of tuples is frozen. */
  private record Plan(int xmax, int infomask2, int infomask, int tuples) {
    static Plan read(ByteReader in) {
      int xmax = in.i32();
      int infomask2 = in.u16();
      int infomask = in.u16();
      in.u8();
      in.pad(1);
      return new Plan(xmax, infomask2, infomask, in.u16());
    }
  }

  private static List<Plan> readPlans(ByteReader in, int count) {
    return Lists.read(in, count, Plan::read);
  }

  /** The plans, followed in {@code in} by the offsets of their tuples. */
  private static void plans(Text out, List<Plan> plans, ByteReader in) {
    out.append(", plans: [");
    String separator = "";
    for (Plan plan : plans) {
      out.append(separator).append("{ xmax: ").unsigned(plan.xmax);
      out.append(", infomask: ").append(plan.infomask);
      out.append(", infomask2: ").append(plan.infomask2);
      out.append(", ntuples: ").append(plan.tuples).append(", offsets: ");
      Lists.describeOffsets(out, Lists.readOffsets(in, plan.tuples));
      out.append(" }");
      separator = ", ";
    }
    out.append(']');
  }

  private static void redirections(Text out, List<Integer> pairs) {
    out.append('[');
    for (int i = 0; i < pairs.size(); i += 2) {
      out.append(i == 0 ? "" : ", ").append(pairs.get(i)).append("->").append(pairs.get(i + 1));
    }
    out.append(']');
  }

  private static List<Integer> rest(ByteReader in) {
    if (in.remaining() % 2 != 0) {
      throw new FormatException("Heap2 record: an odd number of bytes for offsets");
    }
    return Lists.readOffsets(in, in.remaining() / 2);
  }
}
