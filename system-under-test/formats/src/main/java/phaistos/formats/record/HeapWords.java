package phaistos.formats.record;

import java.util.List;
import phaistos.formats.Text;

/** The words for records of tables, which changed in version 16 (heapdesc.c). */
enum HeapWords {
  BEFORE_16 {
    @Override
    void offset(Text out, int offset) {
      out.append("off ").append(offset);
    }

    @Override
    void insert(Text out, int offset, int flags) {
      out.append("off ").append(offset).append(" flags 0x").hex(flags, 2);
    }

    @Override
    void delete(Text out, int xmax, int offset, int lockBits, int flags) {
      out.append("off ").append(offset).append(" flags 0x").hex(flags, 2).append(' ');
      lockBits(out, lockBits);
    }

    @Override
    void update(
        Text out, int oldXmax, int oldOffset, int lockBits, int flags, int newXmax, int newOffset) {
      out.append("off ").append(oldOffset).append(" xmax ").unsigned(oldXmax);
      out.append(" flags 0x").hex(flags, 2).append(' ');
      lockBits(out, lockBits);
      out.append("; new off ").append(newOffset).append(" xmax ").unsigned(newXmax);
    }

    @Override
    void truncate(Text out, int flags, List<Integer> relations) {
      out.append((flags & 1) != 0 ? "cascade " : "");
      out.append((flags & 2) != 0 ? "restart_seqs " : "");
      out.append("nrelids ").append(relations.size()).append(" relids");
      for (int relation : relations) {
        out.append(' ').unsigned(relation);
      }
    }

    @Override
    void lock(Text out, int xid, int offset, int lockBits, int flags) {
      locked(out, ": xid ", xid, offset, lockBits, flags);
    }

    @Override
    void lockUpdated(Text out, int xmax, int offset, int lockBits, int flags) {
      locked(out, ": xmax ", xmax, offset, lockBits, flags);
    }

    private void locked(Text out, String label, int xid, int offset, int lockBits, int flags) {
      out.append("off ").append(offset).append(label).unsigned(xid);
      out.append(": flags 0x").hex(flags, 2).append(' ');
      lockBits(out, lockBits);
    }

    private void lockBits(Text out, int bits) {
      for (int i = 0; i < LOCK_BITS.length; i++) {
        if ((bits & 1 << i) != 0) {
          out.append(LOCK_BITS[i]).append(' ');
        }
      }
    }

    @Override
    void visible(Text out, int xid, int flags) {
      out.append("cutoff xid ").unsigned(xid).append(" flags 0x").hex(flags, 2);
    }

    @Override
    void multiInsert(Text out, Heap2Body.MultiInsert insert, boolean hasData) {
      out.append(insert.tuples()).append(" tuples flags 0x").hex(insert.flags(), 2);
    }

    @Override
    void newCid(Text out, Heap2Body.NewCid cid) {
      cid.relation().appendTo(out.append("rel "));
      out.append("; tid ").unsigned(cid.block()).append('/').append(cid.offset());
      out.append("; cmin: ").unsigned(cid.cmin());
      commands(out, cid);
    }
  },

  SINCE_16 {
    @Override
    void offset(Text out, int offset) {
      out.append("off: ").append(offset);
    }

    @Override
    void insert(Text out, int offset, int flags) {
      out.append("off: ").append(offset).append(", flags: 0x").hex(flags, 2);
    }

    @Override
    void delete(Text out, int xmax, int offset, int lockBits, int flags) {
      locked(out, xmax, offset, lockBits, flags);
    }

    @Override
    void update(
        Text out, int oldXmax, int oldOffset, int lockBits, int flags, int newXmax, int newOffset) {
      out.append("old_xmax: ").unsigned(oldXmax).append(", old_off: ").append(oldOffset);
      lockBits(out.append(", old_infobits: "), lockBits);
      out.append(", flags: 0x").hex(flags, 2);
      out.append(", new_xmax: ").unsigned(newXmax).append(", new_off: ").append(newOffset);
    }

    @Override
    void truncate(Text out, int flags, List<Integer> relations) {
      out.append("flags: [").append((flags & 1) != 0 ? "CASCADE" : "");
      out.append((flags & 3) == 3 ? ", " : "").append((flags & 2) != 0 ? "RESTART_SEQS" : "");
      out.append("], nrelids: ").append(relations.size()).append(", relids: [");
      String separator = "";
      for (int relation : relations) {
        out.append(separator).unsigned(relation);
        separator = ", ";
      }
      out.append(']');
    }

    @Override
    void lock(Text out, int xid, int offset, int lockBits, int flags) {
      locked(out, xid, offset, lockBits, flags);
    }

    @Override
    void lockUpdated(Text out, int xmax, int offset, int lockBits, int flags) {
      locked(out, xmax, offset, lockBits, flags);
    }

    private void locked(Text out, int xmax, int offset, int lockBits, int flags) {
      out.append("xmax: ").unsigned(xmax).append(", off: ").append(offset);
      lockBits(out.append(", infobits: "), lockBits);
      out.append(", flags: 0x").hex(flags, 2);
    }

    private void lockBits(Text out, int bits) {
      out.append('[');
      String separator = "";
      for (int i = 0; i < LOCK_BITS.length; i++) {
        if ((bits & 1 << i) != 0) {
          out.append(separator).append(LOCK_BITS[i]);
          separator = ", ";
        }
      }
      out.append(']');
    }

    @Override
    void visible(Text out, int xid, int flags) {
      out.append("snapshotConflictHorizon: ").unsigned(xid).append(", flags: 0x").hex(flags, 2);
    }

    @Override
    void multiInsert(Text out, Heap2Body.MultiInsert insert, boolean hasData) {
      out.append("ntuples: ").append(insert.tuples()).append(", flags: 0x").hex(insert.flags(), 2);
      if (hasData && !insert.init()) {
        Lists.describeOffsets(out.append(", offsets: "), insert.offsets());
      }
    }

    @Override
    void newCid(Text out, Heap2Body.NewCid cid) {
      cid.relation().appendTo(out.append("rel: "));
      out.append(", tid: ").unsigned(cid.block()).append('/').append(cid.offset());
      out.append(", cmin: ").unsigned(cid.cmin());
      commands(out, cid);
    }
  };

  private static final String[] LOCK_BITS = {
    "IS_MULTI", "LOCK_ONLY", "EXCL_LOCK", "KEYSHR_LOCK", "KEYS_UPDATED"
  };

  abstract void offset(Text out, int offset);

  abstract void insert(Text out, int offset, int flags);

  abstract void delete(Text out, int xmax, int offset, int lockBits, int flags);

  abstract void update(
      Text out, int oldXmax, int oldOffset, int lockBits, int flags, int newXmax, int newOffset);

  abstract void truncate(Text out, int flags, List<Integer> relations);

  abstract void lock(Text out, int xid, int offset, int lockBits, int flags);

  abstract void lockUpdated(Text out, int xmax, int offset, int lockBits, int flags);

  abstract void visible(Text out, int xid, int flags);

  /** {@code hasData}: the tuples are in the record, not in an image. */
  abstract void multiInsert(Text out, Heap2Body.MultiInsert insert, boolean hasData);

  abstract void newCid(Text out, Heap2Body.NewCid cid);

  private static void commands(Text out, Heap2Body.NewCid cid) {
    out.append(", cmax: ").unsigned(cid.cmax()).append(", combo: ").unsigned(cid.combo());
  }
}
