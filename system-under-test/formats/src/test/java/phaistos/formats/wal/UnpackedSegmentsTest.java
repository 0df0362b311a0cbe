package phaistos.formats.wal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.FormatException;

/**
 * Archived segments, compressed by gzip, zstd, and lz4 (whose bytes here are the lz4 program's).
 */
class UnpackedSegmentsTest {
  private static final String NAME = "000000010000000000000001";

  @TempDir private Path folder;

  private UnpackedSegments segments() {
    return new UnpackedSegments(new FolderDataDirectory(folder));
  }

  @Test
  void readsWhatWasCompressed() throws IOException {
    byte[] bytes = new byte[3 << 20];
    new Random(7).nextBytes(bytes);
    Arrays.fill(bytes, 100_000, 2_000_000, (byte) 'x');
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(gzip)) {
      out.write(bytes);
    }
    ByteArrayOutputStream zstd = new ByteArrayOutputStream();
    try (OutputStream out = new ZstdOutputStream(zstd)) {
      out.write(bytes);
    }
    Files.write(folder.resolve(NAME + ".gz"), gzip.toByteArray());
    Files.write(folder.resolve("000000010000000000000002.zst"), zstd.toByteArray());
    Files.writeString(folder.resolve("notes.gz"), "none of ours");
    assertEquals(List.of(NAME, "000000010000000000000002", "notes.gz"), segments().list(""));
    for (String name : List.of(NAME, "000000010000000000000002")) {
      assertEquals(bytes.length, segments().size(name));
      assertArrayEquals(bytes, segments().read(name, 0, bytes.length));
      assertArrayEquals(
          Arrays.copyOfRange(bytes, 99_000, 101_000), segments().read(name, 99_000, 2_000));
      assertEquals(10, segments().read(name, bytes.length - 10, new byte[100]));
    }
  }

  @Test
  void readsLz4FramesWithLinkedAndIndependentBlocks() throws IOException {
    String text = "phaistos ".repeat(30) + "the end";
    for (String frame : List.of(LZ4_INDEPENDENT, LZ4_LINKED)) {
      Files.write(folder.resolve(NAME + ".lz4"), HexFormat.of().parseHex(frame));
      assertEquals(text, new String(segments().read(NAME, 0, 10_000)));
    }
  }

  @Test
  void whatCannotBeUnpackedIsNamed() throws IOException {
    assertThrows(NoSuchFileException.class, () -> segments().size(NAME));
    byte[] frame = HexFormat.of().parseHex(LZ4_INDEPENDENT);
    Files.write(folder.resolve(NAME + ".lz4"), Arrays.copyOf(frame, frame.length - 12));
    FormatException e = assertThrows(FormatException.class, () -> segments().size(NAME));
    assertEquals(true, e.getMessage().contains(NAME + ".lz4 cannot be unpacked"), e.getMessage());
    Files.delete(folder.resolve(NAME + ".lz4"));
    Files.write(folder.resolve(NAME + ".gz"), new byte[20]);
    assertThrows(FormatException.class, () -> segments().size(NAME));
  }

  private static final String LZ4_INDEPENDENT =
      "04224d186440a7150000009f7068616973746f73200900f27074686520656e6400000000745edcdb";
  private static final String LZ4_LINKED =
      "04224d186440a7150000009f7068616973746f73200900f27074686520656e6400000000745edcdb";
}
