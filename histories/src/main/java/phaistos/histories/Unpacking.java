package phaistos.histories;

import io.airlift.compress.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Unpacks a file by its first bytes. gzip, bzip2, xz, zstd and lz4 are unpacked while they are
 * read, also one within the other. From a tar or a zip it takes the history that {@link
 * StoreFolder} would take from a folder of the same files.
 */
final class Unpacking {
  private static final int LAYERS_MAX = 4;
  private static final int HEAD = 512;
  private static final int TAR_MAGIC = 257;
  private static final int XZ_MEMORY_KILOBYTES = 1 << 20;
  private static final long ARCHIVE_MAX = 1L << 30;

  private Unpacking() {}

  /** A stream of the content, and its name in errors. */
  record Content(InputStream in, String source) {}

  static Content open(InputStream given, String source) throws IOException {
    return open(buffered(given), source, 0);
  }

  private static Content open(BufferedInputStream in, String source, int layer) throws IOException {
    in.mark(HEAD);
    byte[] head = in.readNBytes(HEAD);
    in.reset();
    if (layer == LAYERS_MAX) {
      return new Content(in, source);
    }
    if (begins(head, 0x1F, 0x8B)) {
      return open(buffered(named("gzip", in, GZIPInputStream::new)), source, layer + 1);
    }
    if (begins(head, 'B', 'Z', 'h') && head.length > 3 && head[3] >= '1' && head[3] <= '9') {
      return open(
          buffered(named("bzip2", in, i -> new BZip2CompressorInputStream(i, true))),
          source,
          layer + 1);
    }
    if (begins(head, 0xFD, '7', 'z', 'X', 'Z', 0)) {
      return open(
          buffered(named("xz", in, i -> new XZInputStream(i, XZ_MEMORY_KILOBYTES))),
          source,
          layer + 1);
    }
    if (begins(head, 0x28, 0xB5, 0x2F, 0xFD)) {
      return open(buffered(named("zstd", in, ZstdInputStream::new)), source, layer + 1);
    }
    if (begins(head, 0x04, 0x22, 0x4D, 0x18)) {
      return open(
          buffered(named("lz4", in, i -> new FramedLZ4CompressorInputStream(i, true))),
          source,
          layer + 1);
    }
    if (begins(head, 'P', 'K', 3, 4)) {
      return archive("zip", new ZipArchiveInputStream(in), source, layer);
    }
    if (head.length > TAR_MAGIC + 5
        && new String(head, TAR_MAGIC, 5, java.nio.charset.StandardCharsets.ISO_8859_1)
            .equals("ustar")) {
      return archive("tar", new TarArchiveInputStream(in), source, layer);
    }
    refuseUnread(head, source);
    return new Content(in, source);
  }

  /** Refuses formats that are recognised but cannot be read. */
  private static void refuseUnread(byte[] head, String source) {
    String form =
        begins(head, '7', 'z', 0xBC, 0xAF)
            ? "7z"
            : begins(head, 'R', 'a', 'r', '!') ? "rar" : begins(head, 0x1F, 0x9D) ? "compress" : "";
    if (!form.isEmpty()) {
      throw new HistoryException(
          source, 0, "packed with " + form + ", which is not read: unpack it");
    }
    if (begins(head, 0x7F, 'E', 'L', 'F') || begins(head, 'M', 'Z', 0x90)) {
      throw new HistoryException(source, 0, "a program, no history");
    }
  }

  private static boolean begins(byte[] head, int... magic) {
    if (head.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if (head[i] != (byte) magic[i]) {
        return false;
      }
    }
    return true;
  }

  private static BufferedInputStream buffered(InputStream in) {
    return new BufferedInputStream(in, 1 << 16);
  }

  private interface Opening {
    InputStream open(InputStream in) throws IOException;
  }

  /** The unpacked stream; each of its errors names the form. */
  private static InputStream named(String form, InputStream in, Opening opening)
      throws IOException {
    try {
      return new Named(form, opening.open(in));
    } catch (IOException | RuntimeException e) {
      throw damaged(form, e);
    }
  }

  private static IOException damaged(String form, Exception e) {
    return new IOException("packed with " + form + ", which is cut off or damaged", e);
  }

  private static final class Named extends FilterInputStream {
    private final String form;

    Named(String form, InputStream in) {
      super(in);
      this.form = form;
    }

    /** Does not ask the form's own stream, which may fail there. */
    @Override
    public int available() {
      return 0;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      try {
        return in.read(bytes, from, length);
      } catch (IOException | RuntimeException e) {
        throw damaged(form, e);
      }
    }
  }

  private static Content archive(
      String form, ArchiveInputStream<? extends ArchiveEntry> archive, String source, int layer)
      throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    long size = 0;
    try {
      for (ArchiveEntry e = archive.getNextEntry(); e != null; e = archive.getNextEntry()) {
        if (!e.isDirectory() && StoreFolder.isHistory(e.getName()) && archive.canReadEntryData(e)) {
          byte[] content = archive.readNBytes((int) (ARCHIVE_MAX - size) + 1);
          size += content.length;
          if (size > ARCHIVE_MAX) {
            throw new HistoryException(
                source, 0, "a " + form + " with more than a gigabyte of histories: unpack it");
          }
          files.put(e.getName(), content);
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(form, e);
    }
    String chosen = StoreFolder.choose(files.keySet(), "the " + form, source);
    return open(
        buffered(new ByteArrayInputStream(files.get(chosen))), source + "/" + chosen, layer + 1);
  }
}
