package phaistos.formats.record;

import phaistos.formats.Text;
import phaistos.formats.wal.WalRecord;

/** A record whose body is not taken apart: indexes, multixacts, extensions and the like. */
public record OtherBody(int rmgrId, int info, byte[] mainData) implements RecordBody {
  static OtherBody decode(WalRecord record) {
    return new OtherBody(record.rmgrId(), record.info() & WalRecord.RMGR_INFO, record.mainData());
  }

  @Override
  public void describe(Text out, WalRecord record) {
    OtherDescriptions.describe(out, record);
  }
}
