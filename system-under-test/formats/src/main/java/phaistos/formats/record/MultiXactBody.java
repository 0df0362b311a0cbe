package phaistos.formats.record;

import java.util.ArrayList;
import java.util.List;
import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.FormatException;
import phaistos.formats.Text;
import phaistos.formats.Xid;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/** The records of resource manager MultiXact (access/multixact.h). */
public sealed interface MultiXactBody extends RecordBody {
  @Override
  default int rmgrId() {
    return Rmgr.MULTIXACT.id();
  }

  @Override
  default void describe(Text out, WalRecord record, Wording wording) {
    // the record's own bytes: their layout depends on the version
    ByteReader in = new ByteReader(record.mainData(), Rmgr.MULTIXACT.recordName());
    wording.others().get(Rmgr.MULTIXACT).append(out, info(), in, record);
  }

  /**
   * A transaction that locks or changes a row together with others.
   *
   * @param status MultiXactStatus: 0 for key share, 1 share, 2 no key update, 3 update; 4 and 5
   *     have updated the row, without and with a change of its key
   */
  record Member(Xid xid, int status) {}

  /** A page of pg_multixact/offsets begins. */
  record ZeroOffsetPage(int page) implements MultiXactBody {
    @Override
    public int info() {
      return 0x00;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().i32(page).toBytes();
    }
  }

  /** A page of pg_multixact/members begins. */
  record ZeroMemberPage(int page) implements MultiXactBody {
    @Override
    public int info() {
      return 0x10;
    }

    @Override
    public byte[] mainData() {
      return new ByteWriter().i32(page).toBytes();
    }
  }

  /** A multixact with its members; {@code offset} is the first one's place. */
  record CreateId(Xid multi, int offset, List<Member> members) implements MultiXactBody {
    @Override
    public int info() {
      return 0x20;
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter().xid(multi).i32(offset).i32(members.size());
      members.forEach(member -> out.xid(member.xid).i32(member.status));
      return out.toBytes();
    }
  }

  /** Old multixacts go: those from {@code startMulti} to before {@code endMulti}. */
  record Truncate(int database, int startMulti, int endMulti, int startOffset, int endOffset)
      implements MultiXactBody {
    @Override
    public int info() {
      return 0x30;
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter().i32(database).i32(startMulti).i32(endMulti);
      return out.i32(startOffset).i32(endOffset).toBytes();
    }
  }

  /** {@code longNumbers}: pages have numbers of 64 bits, though never one that needs them. */
  static MultiXactBody decode(WalRecord record, boolean longNumbers) {
    ByteReader in = new ByteReader(record.mainData(), Rmgr.MULTIXACT.recordName());
    MultiXactBody body =
        switch (record.info() & WalRecord.RMGR_INFO) {
          case 0x00 -> new ZeroOffsetPage(page(in, longNumbers));
          case 0x10 -> new ZeroMemberPage(page(in, longNumbers));
          case 0x20 -> {
            Xid multi = in.xid();
            int offset = in.i32();
            int count = in.i32();
            List<Member> members = new ArrayList<>();
            for (int i = 0; i < count; i++) {
              members.add(new Member(in.xid(), in.i32()));
            }
            yield new CreateId(multi, offset, members);
          }
          case 0x30 -> new Truncate(in.i32(), in.i32(), in.i32(), in.i32(), in.i32());
          default -> throw RecordBody.unknown(record);
        };
    in.end();
    return body;
  }

  private static int page(ByteReader in, boolean longNumber) {
    long page = longNumber ? in.i64() : in.i32();
    if (page != (int) page) {
      throw new FormatException("MultiXact record: there is no page " + page);
    }
    return (int) page;
  }
}
