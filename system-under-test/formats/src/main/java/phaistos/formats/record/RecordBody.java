package phaistos.formats.record;

import phaistos.formats.FormatException;
import phaistos.formats.Text;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/**
 * What a record says, in the terms of its resource manager: its main data, and the data of its
 * blocks where that is decoded too. {@link RecordFormat} reads the bodies of every version. They
 * are written in the form of {@link phaistos.formats.Version#WRITTEN}; of that version reading and
 * writing are inverse to each other, byte for byte.
 */
public sealed interface RecordBody
    permits XlogBody,
        TransactionBody,
        ClogBody,
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
   * What the record's block with this id carries beside an image. Kept as it is in the record for
   * blocks whose content is not decoded: then this is the record's own.
   */
  default byte[] blockData(int id, byte[] own) {
    return own;
  }

  /** Appends what pg_waldump prints behind the record's name, in the words of a version. */
  void describe(Text out, WalRecord record, Wording wording);

  /** The error for an info that the resource manager does not know. */
  static FormatException unknown(WalRecord record) {
    return new FormatException(
        "%s record with unknown info %02X".formatted(Rmgr.label(record.rmgrId()), record.info()));
  }
}
