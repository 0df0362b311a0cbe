package phaistos.formats.record;

import phaistos.formats.FormatException;
import phaistos.formats.Text;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/**
 * The decoded content of a record: its main data, and its block data where that is decoded too.
 * {@link RecordFormat} reads the bodies of every version. They are written in the form of {@link
 * phaistos.formats.Version#WRITTEN}; for that version writing restores the bytes that were read.
 */
public sealed interface RecordBody
    permits XlogBody,
        TransactionBody,
        ClogBody,
        MultiXactBody,
        StandbyBody,
        HeapBody,
        Heap2Body,
        SequenceBody,
        StorageBody,
        LogicalMessageBody,
        OtherBody {
  byte[] NO_BYTES = new byte[0];

  int rmgrId();

  /** The upper four bits of the record's info. */
  int info();

  byte[] mainData();

  /**
   * The data of the block with this id, without its image. For a block whose content is not decoded
   * this is the record's own data, unchanged.
   */
  default byte[] blockData(int id, byte[] own) {
    return own;
  }

  /** Appends what a version's pg_waldump prints after the record's name. */
  void describe(Text out, WalRecord record, Wording wording);

  /** The error for an info that the resource manager does not know. */
  static FormatException unknown(WalRecord record) {
    return new FormatException(
        "%s record with unknown info %02X".formatted(Rmgr.label(record.rmgrId()), record.info()));
  }
}
