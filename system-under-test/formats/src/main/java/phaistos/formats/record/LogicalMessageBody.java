package phaistos.formats.record;

import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.FormatException;
import phaistos.formats.Padding;
import phaistos.formats.Text;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/** A message that pg_logical_emit_message put into the WAL (replication/message.h). */
public record LogicalMessageBody(
    int database, boolean transactional, String prefix, byte[] message, Padding padding)
    implements RecordBody {
  @Override
  public int rmgrId() {
    return Rmgr.LOGICAL_MESSAGE.id();
  }

  @Override
  public int info() {
    return 0x00;
  }

  @Override
  public byte[] mainData() {
    ByteWriter out = new ByteWriter(padding, 32 + prefix.length() + message.length);
    out.i32(database).bool(transactional).pad(3).i64(prefix.length() + 1L).i64(message.length);
    return out.text(prefix).u8(0).bytes(message).toBytes();
  }

  @Override
  public void describe(Text out, WalRecord record, Wording wording) {
    if (!wording.tellsMessages()) {
      out.append(transactional ? "" : "non").append("transactional message size ");
      out.append(message.length).append(" bytes");
      return;
    }
    out.append(transactional ? "transactional" : "non-transactional");
    out.append(", prefix \"").append(prefix).append("\"; payload (").append(message.length);
    out.append(" bytes): ");
    String separator = "";
    for (byte b : message) {
      out.append(separator).hex(b & 0xFF, 2);
      separator = " ";
    }
  }

  static LogicalMessageBody decode(WalRecord record) {
    if ((record.info() & WalRecord.RMGR_INFO) != 0) {
      throw RecordBody.unknown(record);
    }
    ByteReader in = new ByteReader(record.mainData(), "LogicalMessage record");
    int database = in.i32();
    boolean transactional = in.bool();
    in.pad(3);
    long prefixBytes = in.i64();
    long messageBytes = in.i64();
    if (prefixBytes < 1
        || messageBytes < 0
        || prefixBytes > in.remaining()
        || messageBytes != in.remaining() - prefixBytes) {
      throw new FormatException(
          "LogicalMessage record: prefix of %d and message of %d bytes in %d"
              .formatted(prefixBytes, messageBytes, in.remaining()));
    }
    String prefix = in.text((int) prefixBytes - 1);
    if (in.u8() != 0) {
      throw new FormatException("LogicalMessage record: the prefix has no end");
    }
    return new LogicalMessageBody(
        database, transactional, prefix, in.bytes((int) messageBytes), in.padding());
  }
}
