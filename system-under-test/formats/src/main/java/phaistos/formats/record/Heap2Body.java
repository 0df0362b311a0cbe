package phaistos.formats.record;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.FormatException;
import phaistos.formats.Padding;
import phaistos.formats.RelationLocator;
import phaistos.formats.Text;
import phaistos.formats.Xid;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/**
 * The second resource manager of tables: maintenance, and insertion of many tuples. Records of
 * pruning, vacuuming and freezing have this form in versions 14 and 15; in others they are an
 * {@link OtherBody}.
 */
public sealed interface Heap2Body extends RecordBody {
  @Override
  default int rmgrId() {
    return Rmgr.HEAP2.id();
  }

  /** A mapping written while a table is rewritten under logical decoding. */
  record Rewrite(byte[] mainData) implements Heap2Body {
    @Override
    public int info() {
      return 0x00;
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {}
  }

  /** Line pointers that pruning changes. */
  record Pruned(List<Redirect> redirects, List<Integer> dead, List<Integer> unused) {}

  record Redirect(int from, int to) {}

  record Prune(Xid latestRemovedXid, int redirects, int dead, Optional<Pruned> offsets)
      implements Heap2Body {
    @Override
    public int info() {
      return 0x10;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().xid(latestRemovedXid).u16(redirects).u16(dead).toBytes();
    }

    @Override
    public byte[] blockData(int id, byte[] own) {
      if (id != 0 || offsets.isEmpty()) {
        return own;
      }
      ByteWriter out = new ByteWriter();
      offsets.get().redirects.forEach(redirect -> out.u16(redirect.from).u16(redirect.to));
      offsets.get().dead.forEach(out::u16);
      offsets.get().unused.forEach(out::u16);
      return out.toBytes();
    }

    static Prune read(ByteReader in, WalRecord record) {
      Xid latest = in.xid();
      int redirects = in.u16();
      int dead = in.u16();
      Optional<Pruned> offsets =
          HeapBody.blockZero(record)
              .map(
                  block ->
                      new Pruned(
                          Lists.read(block, redirects, r -> new Redirect(r.u16(), r.u16())),
                          Lists.read(block, dead, ByteReader::u16),
                          readOffsets(block)));
      return new Prune(latest, redirects, dead, offsets);
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append("latestRemovedXid ").unsigned(latestRemovedXid.value());
      out.append(" nredirected ").append(redirects).append(" ndead ").append(dead);
    }
  }

  /** Line pointers set unused; the list is missing if the record has an image of the page. */
  record Vacuum(int unused, List<Integer> offsets) implements Heap2Body {
    @Override
    public int info() {
      return 0x20;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().u16(unused).toBytes();
    }

    @Override
    public byte[] blockData(int id, byte[] own) {
      ByteWriter out = new ByteWriter();
      offsets.forEach(out::u16);
      return id == 0 ? out.toBytes() : own;
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append("nunused ").append(unused);
    }
  }

  /** The new header fields of a frozen tuple. */
  record Frozen(Xid xmax, int offset, int infomask2, int infomask, int flags) {
    static Frozen read(ByteReader in) {
      Frozen frozen = new Frozen(in.xid(), in.u16(), in.u16(), in.u16(), in.u8());
      in.pad(1);
      return frozen;
    }
  }

  record FreezePage(Xid cutoff, int tuples, List<Frozen> frozen, Padding padding)
      implements Heap2Body {
    @Override
    public int info() {
      return 0x30;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().xid(cutoff).u16(tuples).toBytes();
    }

    @Override
    public byte[] blockData(int id, byte[] own) {
      if (id != 0) {
        return own;
      }
      ByteWriter out = new ByteWriter(padding);
      for (Frozen f : frozen) {
        out.xid(f.xmax).u16(f.offset).u16(f.infomask2).u16(f.infomask).u8(f.flags).pad(1);
      }
      return out.toBytes();
    }

    static FreezePage read(ByteReader in, WalRecord record) {
      Xid cutoff = in.xid();
      int tuples = in.u16();
      Optional<ByteReader> block = HeapBody.blockZero(record);
      if (block.isEmpty()) {
        return new FreezePage(cutoff, tuples, List.of(), Padding.ZERO);
      }
      List<Frozen> frozen = Lists.read(block.get(), tuples, Frozen::read);
      block.get().end();
      return new FreezePage(cutoff, tuples, frozen, block.get().padding());
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append("cutoff xid ").unsigned(cutoff.value());
      out.append(" ntuples ").append(tuples);
    }
  }

  /** A page is marked in the visibility map: flags 1 all visible, 2 all frozen. */
  record Visible(Xid cutoff, int flags) implements Heap2Body {
    @Override
    public int info() {
      return 0x40;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().xid(cutoff).u8(flags).toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      wording.heap().visible(out, cutoff.value(), flags);
    }
  }

  /**
   * @param offsets of the tuples, in order; empty if the page is initialized (then 1, 2, 3, ...)
   * @param inserted the tuples; empty if the record has an image of the page
   */
  record MultiInsert(
      boolean init,
      int flags,
      int tuples,
      List<Integer> offsets,
      List<TupleData> inserted,
      Padding padding,
      Padding tuplePadding)
      implements Heap2Body {
    @Override
    public int info() {
      return 0x50 | (init ? HeapBody.INIT_PAGE : 0);
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter(padding).u8(flags).pad(1).u16(tuples);
      offsets.forEach(out::u16);
      return out.toBytes();
    }

    @Override
    public byte[] blockData(int id, byte[] own) {
      if (id != 0) {
        return own;
      }
      ByteWriter out = new ByteWriter(tuplePadding);
      for (TupleData tuple : inserted) {
        out.align(2).u16(tuple.data().length);
        tuple.write(out);
      }
      return out.toBytes();
    }

    static MultiInsert read(ByteReader in, WalRecord record) {
      boolean init = (record.info() & HeapBody.INIT_PAGE) != 0;
      int flags = in.u8();
      in.pad(1);
      int tuples = in.u16();
      List<Integer> offsets = init ? List.<Integer>of() : Lists.read(in, tuples, ByteReader::u16);
      Optional<ByteReader> block = HeapBody.blockZero(record);
      List<TupleData> inserted = new ArrayList<>();
      Padding tuplePadding = Padding.ZERO;
      if (block.isPresent()) {
        for (int i = 0; i < tuples; i++) {
          block.get().align(2);
          inserted.add(readTuple(block.get()));
        }
        block.get().end();
        tuplePadding = block.get().padding();
      }
      return new MultiInsert(
          init, flags, tuples, offsets, List.copyOf(inserted), in.padding(), tuplePadding);
    }

    private static TupleData readTuple(ByteReader in) {
      int length = in.u16();
      return TupleData.read(in, length);
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      boolean hasData = record.block(0).filter(b -> b.data().length > 0).isPresent();
      wording.heap().multiInsert(out, this, hasData);
    }
  }

  /** A later version of a tuple is locked too. */
  record LockUpdated(Xid xmax, int offset, int lockBits, int flags) implements Heap2Body {
    @Override
    public int info() {
      return 0x60;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().xid(xmax).u16(offset).u8(lockBits).u8(flags).toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      wording.heap().lockUpdated(out, xmax.value(), offset, lockBits, flags);
    }
  }

  /** Command numbers of a catalog tuple, for logical decoding. */
  record NewCid(
      Xid top, int cmin, int cmax, int combo, RelationLocator relation, int block, int offset)
      implements Heap2Body {
    @Override
    public int info() {
      return 0x70;
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter().xid(top).i32(cmin).i32(cmax).i32(combo);
      relation.write(out);
      // an item pointer stores its block number as two halves, the upper one first
      return out.u16(block >>> 16).u16(block).u16(offset).toBytes();
    }

    static NewCid read(ByteReader in) {
      return new NewCid(
          in.xid(),
          in.i32(),
          in.i32(),
          in.i32(),
          RelationLocator.read(in),
          in.u16() << 16 | in.u16(),
          in.u16());
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      wording.heap().newCid(out, this);
    }
  }

  static Heap2Body decode(WalRecord record) {
    int info = record.info() & WalRecord.RMGR_INFO;
    ByteReader in = new ByteReader(record.mainData(), "Heap2 record");
    Heap2Body body =
        switch (info & 0x70) {
          case 0x00 -> new Rewrite(in.bytes(in.remaining()));
          case 0x10 -> Prune.read(in, record);
          case 0x20 ->
              new Vacuum(
                  in.u16(),
                  HeapBody.blockZero(record).map(Heap2Body::readOffsets).orElse(List.of()));
          case 0x30 -> FreezePage.read(in, record);
          case 0x40 -> new Visible(in.xid(), in.u8());
          case 0x50 -> MultiInsert.read(in, record);
          case 0x60 -> new LockUpdated(in.xid(), in.u16(), in.u8(), in.u8());
          case 0x70 -> NewCid.read(in);
          default -> throw RecordBody.unknown(record);
        };
    in.end();
    if (body.info() != info) {
      throw RecordBody.unknown(record);
    }
    return body;
  }

  private static List<Integer> readOffsets(ByteReader in) {
    if (in.remaining() % 2 != 0) {
      throw new FormatException("Heap2 record: an odd number of bytes for offsets");
    }
    return Lists.read(in, in.remaining() / 2, ByteReader::u16);
  }
}
