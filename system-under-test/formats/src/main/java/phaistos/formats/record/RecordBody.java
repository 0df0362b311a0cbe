package phaistos.formats.record;

import java.util.Optional;
import phaistos.formats.FormatException;
import phaistos.formats.Text;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/**
 * What a record says, in the terms of its resource manager: its main data, and the data of its
 * blocks where that is decoded too. Reading and writing are inverse to each other, byte for byte.
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

  /** Appends what pg_waldump 15 prints behind the record's name. */
  void describe(Text out, WalRecord record);

  /**
   * Decodes a record's body.
   *
   * @throws FormatException if the data does not have the form that the record's kind has
   */
  static RecordBody decode(WalRecord record) {
    Optional<Rmgr> rmgr = record.rmgr();
    if (rmgr.isEmpty()) {
      return OtherBody.decode(record);
    }
    return switch (rmgr.get()) {
      case XLOG -> XlogBody.decode(record);
      case TRANSACTION -> TransactionBody.decode(record);
      case CLOG -> ClogBody.decode(record);
      case STANDBY -> StandbyBody.decode(record);
      case HEAP -> HeapBody.decode(record);
      case HEAP2 -> Heap2Body.decode(record);
      case SEQUENCE -> SequenceBody.decode(record);
      case STORAGE -> StorageBody.decode(record);
      case LOGICAL_MESSAGE -> LogicalMessageBody.decode(record);
      case DATABASE,
          TABLESPACE,
          MULTIXACT,
          RELMAP,
          BTREE,
          HASH,
          GIN,
          GIST,
          SPGIST,
          BRIN,
          COMMIT_TS,
          REPLICATION_ORIGIN,
          GENERIC ->
          OtherBody.decode(record);
    };
  }

  /** The error for an info that the resource manager does not know. */
  static FormatException unknown(WalRecord record) {
    return new FormatException(
        "%s record with unknown info %02X".formatted(Rmgr.label(record.rmgrId()), record.info()));
  }
}
