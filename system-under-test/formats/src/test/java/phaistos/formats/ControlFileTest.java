package phaistos.formats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ControlFileTest {
  private static final Checkpoint CHECKPOINT =
      new Checkpoint(
          Lsn.parse("0/700028"),
          1,
          1,
          true,
          FullXid.of(1, new Xid(725)),
          24576,
          1,
          0,
          new Xid(716),
          1,
          1,
          1,
          1_700_000_000L,
          Xid.INVALID,
          Xid.INVALID,
          new Xid(725),
          Padding.ZERO);

  private static final ControlFile FILE =
      ControlFile.of(
          0x1234_5678_9ABC_DEF0L,
          ControlFile.State.IN_PRODUCTION,
          1_700_000_001L,
          Lsn.parse("0/700060"),
          CHECKPOINT,
          ControlFile.Format.of(1 << 20, false));

  @Test
  void isReadAsWritten() {
    byte[] bytes = FILE.encode();
    assertEquals(ControlFile.FILE_BYTES, bytes.length);
    assertArrayEquals(bytes, ControlFile.decode(bytes).encode());
    assertEquals(CHECKPOINT, ControlFile.decode(bytes).checkpoint());
    assertEquals(FILE.settings(), ControlFile.decode(bytes).settings());
  }

  @Test
  void namesAnotherVersion() {
    byte[] bytes = FILE.encode();
    ByteWriter.putI32(bytes, 12, 202_307_071);
    FormatException e = assertThrows(FormatException.class, () -> ControlFile.decode(bytes));
    assertEquals(
        "control file version 1300, catalog version 202307071: PostgreSQL 16;"
            + " only PostgreSQL 15 (1300, 202209061) is supported",
        e.getMessage());
  }

  @Test
  void isRefusedWithAFlippedBit() {
    byte[] bytes = FILE.encode();
    bytes[40] ^= 1;
    FormatException e = assertThrows(FormatException.class, () -> ControlFile.decode(bytes));
    assertEquals("control file is damaged", e.getMessage().split(":")[0]);
  }
}
