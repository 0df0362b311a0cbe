package phaistos.formats.record;

import java.util.List;
import java.util.Optional;
import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.Padding;
import phaistos.formats.Text;
import phaistos.formats.Xid;
import phaistos.formats.wal.BlockReference;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/**
 * Changes of tables (access/heapam_xlog.h). Tuples are in the data of block 0. They are missing if
 * the record has an image of the page, unless wal_level is logical.
 */
public sealed interface HeapBody extends RecordBody {
  /** Bit of info: replay initializes the page, so its old content does not matter. */
  int INIT_PAGE = 0x80;

  @Override
  default int rmgrId() {
    return Rmgr.HEAP.id();
  }

  /** An offset is the number of a line pointer, from 1. */
  record Insert(int offset, int flags, boolean init, Optional<TupleData> tuple)
      implements HeapBody {
    @Override
    public int info() {
      return init ? INIT_PAGE : 0;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().u16(offset).u8(flags).toBytes();
    }

    @Override
    public byte[] blockData(int id, byte[] own) {
      return id == 0 ? encode(tuple) : own;
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      wording.heap().insert(out, offset, flags);
    }
  }

  /** The old tuple or its key is present only with wal_level logical. */
  record Delete(Xid xmax, int offset, int lockBits, int flags, Optional<TupleData> oldTuple)
      implements HeapBody {
    static final int CONTAINS_OLD = 0x06;

    @Override
    public int info() {
      return 0x10;
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter().xid(xmax).u16(offset).u8(lockBits).u8(flags);
      oldTuple.ifPresent(tuple -> tuple.write(out));
      return out.toBytes();
    }

    static Delete read(ByteReader in) {
      Xid xmax = in.xid();
      int offset = in.u16();
      int lockBits = in.u8();
      int flags = in.u8();
      return new Delete(xmax, offset, lockBits, flags, readOld(in, (flags & CONTAINS_OLD) != 0));
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      wording.heap().delete(out, xmax.value(), offset, lockBits, flags);
    }
  }

  /**
   * The lengths of the prefix and suffix shared with the old tuple, and the new tuple's bytes
   * between.
   */
  record NewTuple(int prefix, int suffix, TupleData tuple) {}

  /**
   * UPDATE and HOT_UPDATE. Block 0 is the new tuple's page, block 1 the old one's if it differs.
   *
   * @param hot the new tuple is on the same page and no index entry is needed
   */
  record Update(
      boolean hot,
      boolean init,
      Xid oldXmax,
      int oldOffset,
      int oldLockBits,
      int flags,
      Xid newXmax,
      int newOffset,
      Optional<TupleData> oldTuple,
      Optional<NewTuple> newTuple)
      implements HeapBody {
    static final int CONTAINS_OLD = 0x0C;
    static final int PREFIX_FROM_OLD = 0x20;
    static final int SUFFIX_FROM_OLD = 0x40;

    @Override
    public int info() {
      return (hot ? 0x40 : 0x20) | (init ? INIT_PAGE : 0);
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter().xid(oldXmax).u16(oldOffset).u8(oldLockBits).u8(flags);
      out.xid(newXmax).u16(newOffset);
      oldTuple.ifPresent(tuple -> tuple.write(out));
      return out.toBytes();
    }

    @Override
    public byte[] blockData(int id, byte[] own) {
      if (id != 0) {
        return own;
      }
      if (newTuple.isEmpty()) {
        return NO_BYTES;
      }
      ByteWriter out = new ByteWriter();
      if ((flags & PREFIX_FROM_OLD) != 0) {
        out.u16(newTuple.get().prefix);
      }
      if ((flags & SUFFIX_FROM_OLD) != 0) {
        out.u16(newTuple.get().suffix);
      }
      newTuple.get().tuple.write(out);
      return out.toBytes();
    }

    static Update read(ByteReader in, WalRecord record) {
      boolean hot = (record.info() & 0x70) == 0x40;
      boolean init = (record.info() & INIT_PAGE) != 0;
      Xid oldXmax = in.xid();
      int oldOffset = in.u16();
      int lockBits = in.u8();
      int flags = in.u8();
      Xid newXmax = in.xid();
      int newOffset = in.u16();
      Optional<TupleData> oldTuple = readOld(in, (flags & CONTAINS_OLD) != 0);
      Optional<NewTuple> newTuple = blockZero(record).map(data -> readNew(data, flags));
      return new Update(
          hot, init, oldXmax, oldOffset, lockBits, flags, newXmax, newOffset, oldTuple, newTuple);
    }

    private static NewTuple readNew(ByteReader in, int flags) {
      int prefix = (flags & PREFIX_FROM_OLD) != 0 ? in.u16() : 0;
      int suffix = (flags & SUFFIX_FROM_OLD) != 0 ? in.u16() : 0;
      return new NewTuple(prefix, suffix, TupleData.readRest(in));
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      wording
          .heap()
          .update(out, oldXmax.value(), oldOffset, oldLockBits, flags, newXmax.value(), newOffset);
    }
  }

  /** TRUNCATE, logged for logical decoding; flags 1 cascade, 2 restart sequences. */
  record Truncate(int database, int flags, List<Integer> relations, Padding padding)
      implements HeapBody {
    @Override
    public int info() {
      return 0x30;
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter(padding);
      out.i32(database).i32(relations.size()).u8(flags).pad(3);
      relations.forEach(out::i32);
      return out.toBytes();
    }

    static Truncate read(ByteReader in) {
      int database = in.i32();
      int count = in.count(4);
      int flags = in.u8();
      in.pad(3);
      List<Integer> relations = Lists.read(in, count, ByteReader::i32);
      return new Truncate(database, flags, relations, in.padding());
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      wording.heap().truncate(out, flags, relations);
    }
  }

  /** A speculative insertion (ON CONFLICT) has become final. */
  record Confirm(int offset) implements HeapBody {
    @Override
    public int info() {
      return 0x50;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().u16(offset).toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      wording.heap().offset(out, offset);
    }
  }

  record Lock(Xid xid, int offset, int lockBits, int flags) implements HeapBody {
    @Override
    public int info() {
      return 0x60;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().xid(xid).u16(offset).u8(lockBits).u8(flags).toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      wording.heap().lock(out, xid.value(), offset, lockBits, flags);
    }
  }

  /** A tuple overwritten in place; its new bytes after the header are block 0's data. */
  record Inplace(int offset) implements HeapBody {
    @Override
    public int info() {
      return 0x70;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().u16(offset).toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      wording.heap().offset(out, offset);
    }
  }

  static HeapBody decode(WalRecord record) {
    int info = record.info() & WalRecord.RMGR_INFO;
    ByteReader in = new ByteReader(record.mainData(), "Heap record");
    HeapBody body =
        switch (info & 0x70) {
          case 0x00 ->
              new Insert(
                  in.u16(),
                  in.u8(),
                  (info & INIT_PAGE) != 0,
                  blockZero(record).map(TupleData::readRest));
          case 0x10 -> Delete.read(in);
          case 0x20, 0x40 -> Update.read(in, record);
          case 0x30 -> Truncate.read(in);
          case 0x50 -> new Confirm(in.u16());
          case 0x60 -> new Lock(in.xid(), in.u16(), in.u8(), in.u8());
          case 0x70 -> new Inplace(in.u16());
          default -> throw RecordBody.unknown(record);
        };
    in.end();
    if (body.info() != info) {
      throw RecordBody.unknown(record);
    }
    return body;
  }

  /** The data of block 0, if it has any. */
  static Optional<ByteReader> blockZero(WalRecord record) {
    Optional<BlockReference> block = record.block(0);
    if (block.isEmpty() || block.get().data().length == 0) {
      return Optional.empty();
    }
    boolean heap = record.rmgrId() == Rmgr.HEAP.id();
    String what = heap ? "tuple in Heap record" : "tuple in Heap2 record";
    return Optional.of(new ByteReader(block.get().data(), what));
  }

  private static Optional<TupleData> readOld(ByteReader in, boolean there) {
    return there ? Optional.of(TupleData.readRest(in)) : Optional.empty();
  }

  private static byte[] encode(Optional<TupleData> tuple) {
    if (tuple.isEmpty()) {
      return NO_BYTES;
    }
    ByteWriter out = new ByteWriter();
    tuple.get().write(out);
    return out.toBytes();
  }
}
