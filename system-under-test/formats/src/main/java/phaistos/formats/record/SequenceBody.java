package phaistos.formats.record;

import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.RelationLocator;
import phaistos.formats.Text;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/**
 * A sequence's new state.
 *
 * @param tuple the sequence's only row, a heap tuple with header
 */
public record SequenceBody(RelationLocator relation, byte[] tuple) implements RecordBody {
  @Override
  public int rmgrId() {
    return Rmgr.SEQUENCE.id();
  }

  @Override
  public int info() {
    return 0x00;
  }

  @Override
  public byte[] mainData() {
    ByteWriter out = new ByteWriter();
    relation.write(out);
    return out.bytes(tuple).toBytes();
  }

  @Override
  public void describe(Text out, WalRecord record, Wording wording) {
    relation.appendTo(out.append("rel "));
  }

  static SequenceBody decode(WalRecord record) {
    if ((record.info() & WalRecord.RMGR_INFO) != 0) {
      throw RecordBody.unknown(record);
    }
    ByteReader in = new ByteReader(record.mainData(), "Sequence record");
    return new SequenceBody(RelationLocator.read(in), in.bytes(in.remaining()));
  }
}
