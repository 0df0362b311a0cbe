package phaistos.formats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ControlFileTest {
  private static final Checkpoint CHECKPOINT = checkpoint(OptionalInt.empty());

  private static final ControlFile FILE =
      ControlFile.of(
          0x1234_5678_9ABC_DEF0L,
          ControlFile.State.IN_PRODUCTION,
          1_700_000_001L,
          Lsn.parse("0/700060"),
          CHECKPOINT,
          ControlFile.Format.of(1 << 20, false));

  private static Checkpoint checkpoint(OptionalInt walLevel) {
    return new Checkpoint(
        Lsn.parse("0/700028"),
        1,
        1,
        true,
        walLevel,
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
  }

  @Test
  void isReadAsWritten() {
    byte[] bytes = FILE.encode();
    assertEquals(ControlFile.FILE_BYTES, bytes.length);
    assertArrayEquals(bytes, ControlFile.decode(bytes).encode());
    assertEquals(CHECKPOINT, ControlFile.decode(bytes).checkpoint());
    assertEquals(FILE.settings(), ControlFile.decode(bytes).settings());
  }

  @ParameterizedTest
  @CsvSource({
    "1201, 201909212, PostgreSQL 12",
    "1800, 202512011, later than PostgreSQL 18",
    "1900, 202604151, PostgreSQL 19 or later",
    "2003, 202703011, PostgreSQL 20 or later",
    "1300, 202007202, no release that is known",
    "1700, 202506291, no release that is known",
  })
  void namesAnotherVersion(int control, int catalog, String name) {
    byte[] bytes = FILE.encode();
    ByteWriter.putI32(bytes, 8, control);
    ByteWriter.putI32(bytes, 12, catalog);
    FormatException e = assertThrows(FormatException.class, () -> ControlFile.decode(bytes));
    assertEquals(
        "control file version %d, catalog version %d: %s; PostgreSQL 13 to 18 are supported"
            .formatted(control, catalog, name),
        e.getMessage());
  }

  @Test
  void namesALaterVersionByTheDirectorysOwnFile() {
    byte[] bytes = FILE.encode();
    ByteWriter.putI32(bytes, 12, 202_512_011);
    MemoryDirectory directory = new MemoryDirectory();
    directory.put(ControlFile.PATH, bytes);
    directory.put("PG_VERSION", "19\n".getBytes(StandardCharsets.US_ASCII));
    FormatException e = assertThrows(FormatException.class, () -> ControlFile.read(directory));
    assertTrue(
        e.getMessage().endsWith("PostgreSQL 13 to 18 are supported; PG_VERSION says 19"),
        e.getMessage());
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void ofEachVersionIsReadAsWritten(Version version) {
    ControlFile file =
        new ControlFile(
            version,
            4711,
            ControlFile.State.IN_PRODUCTION,
            1_700_000_000,
            new Lsn(40),
            checkpoint(version.walLevelInCheckpoint() ? OptionalInt.of(2) : OptionalInt.empty()),
            new Lsn(1000),
            ControlFile.RecoveryPoints.NONE,
            ControlFile.Settings.DEFAULT,
            ControlFile.Format.of(16 << 20, true),
            new byte[ControlFile.NONCE_BYTES],
            Padding.ZERO);
    byte[] bytes = file.encode();
    ControlFile read = ControlFile.decode(bytes);
    assertEquals(version, read.version());
    assertEquals(file.checkpoint(), read.checkpoint());
    assertArrayEquals(bytes, read.encode());
    assertEquals(version == Version.V18 ? 51 : 50, ControlText.fields(read).size());
  }

  @Test
  void isRefusedWithAFlippedBit() {
    byte[] bytes = FILE.encode();
    bytes[40] ^= 1;
    FormatException e = assertThrows(FormatException.class, () -> ControlFile.decode(bytes));
    assertEquals("control file is damaged", e.getMessage().split(":")[0]);
  }
}
