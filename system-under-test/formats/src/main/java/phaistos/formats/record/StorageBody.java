package phaistos.formats.record;

import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.RelationLocator;
import phaistos.formats.Text;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/** Creation and truncation of relation files (catalog/storage_xlog.h). */
public sealed interface StorageBody extends RecordBody {
  @Override
  default int rmgrId() {
    return Rmgr.STORAGE.id();
  }

  record Create(RelationLocator relation, int fork) implements StorageBody {
    private static final String[] SUFFIXES = {"", "_fsm", "_vm", "_init"};

    @Override
    public int info() {
      return 0x10;
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter();
      relation.write(out);
      return out.i32(fork).toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append(relation.path(wording.tablespaceVersion()));
      out.append(fork >= 0 && fork < SUFFIXES.length ? SUFFIXES[fork] : "_fork" + fork);
    }
  }

  /**
   * A relation is truncated to {@code blocks} pages.
   *
   * @param forks {@link #HEAP}, 2 its visibility map, 4 its free space map
   */
  record Truncate(int blocks, RelationLocator relation, int forks) implements StorageBody {
    /** The main fork is cut (SMGR_TRUNCATE_HEAP). */
    public static final int HEAP = 1;

    /** All forks are cut (SMGR_TRUNCATE_ALL). */
    public static final int ALL = 7;

    @Override
    public int info() {
      return 0x20;
    }

    @Override
    public byte[] mainData() {
      ByteWriter out = new ByteWriter().i32(blocks);
      relation.write(out);
      return out.i32(forks).toBytes();
    }

    @Override
    public void describe(Text out, WalRecord record, Wording wording) {
      out.append(relation.path(wording.tablespaceVersion())).append(" to ").unsigned(blocks);
      out.append(" blocks flags ").append(forks);
    }
  }

  static StorageBody decode(WalRecord record) {
    ByteReader in = new ByteReader(record.mainData(), "Storage record");
    StorageBody body =
        switch (record.info() & WalRecord.RMGR_INFO) {
          case 0x10 -> new Create(RelationLocator.read(in), in.i32());
          case 0x20 -> new Truncate(in.i32(), RelationLocator.read(in), in.i32());
          default -> throw RecordBody.unknown(record);
        };
    in.end();
    return body;
  }
}
