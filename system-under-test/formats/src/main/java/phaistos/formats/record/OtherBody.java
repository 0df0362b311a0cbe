package phaistos.formats.record;

import java.util.Optional;
import phaistos.formats.ByteReader;
import phaistos.formats.Text;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/** A record whose body is not decoded: indexes, multixacts, extensions and the like. */
public record OtherBody(int rmgrId, int info, byte[] mainData) implements RecordBody {
  static OtherBody decode(WalRecord record) {
    return new OtherBody(record.rmgrId(), record.info() & WalRecord.RMGR_INFO, record.mainData());
  }

  @Override
  public void describe(Text out, WalRecord record, Wording wording) {
    Optional<Rmgr> rmgr = record.rmgr();
    if (rmgr.isEmpty()) {
      // an extension's record, whose body is opaque
      out.append("rmid: ").append(record.rmgrId());
      return;
    }
    ByteReader in = new ByteReader(mainData, rmgr.get().recordName());
    wording.others().get(rmgr.get()).append(out, info, in, record);
  }
}
