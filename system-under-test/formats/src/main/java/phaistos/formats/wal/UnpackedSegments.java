package phaistos.formats.wal;

import io.airlift.compress.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.GZIPInputStream;
import phaistos.formats.ByteReader;
import phaistos.formats.DataDirectory;
import phaistos.formats.FormatException;

/**
 * A directory whose WAL segments may be compressed, as in archives. {@code .gz}, {@code .lz4} and
 * {@code .zst} files appear under the segment's own name. The last few segments read stay unpacked.
 * Thread-safe if the directory is.
 */
public final class UnpackedSegments implements DataDirectory {
  private static final List<String> ENDINGS = List.of(".gz", ".lz4", ".zst");
  private static final int KEPT = 4;
  private static final int MAX_BYTES = 1 << 30;

  private final DataDirectory directory;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, byte[]> unpacked =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, byte[]> eldest) {
          return size() > KEPT;
        }
      };

  public UnpackedSegments(DataDirectory directory) {
    this.directory = directory;
  }

  /** The segment's own name if this is the name of a compressed segment. */
  public static Optional<String> bareName(String name) {
    for (String ending : ENDINGS) {
      if (name.endsWith(ending)) {
        String bare = name.substring(0, name.length() - ending.length());
        return SegmentName.parse(bare).map(_ -> bare);
      }
    }
    return Optional.empty();
  }

  @Override
  public List<String> list(String path) throws IOException {
    return directory.list(path).stream()
        .map(name -> bareName(name).orElse(name))
        .distinct()
        .sorted()
        .toList();
  }

  @Override
  public long size(String path) throws IOException {
    try {
      return directory.size(path);
    } catch (NoSuchFileException e) {
      return unpack(path, e).length;
    }
  }

  @Override
  public byte[] read(String path, long offset, int length) throws IOException {
    try {
      return directory.read(path, offset, length);
    } catch (NoSuchFileException e) {
      byte[] bytes = unpack(path, e);
      int from = Math.clamp(offset, 0, bytes.length);
      return Arrays.copyOfRange(bytes, from, (int) Math.min(bytes.length, (long) from + length));
    }
  }

  @Override
  public int read(String path, long offset, byte[] into) throws IOException {
    try {
      return directory.read(path, offset, into);
    } catch (NoSuchFileException e) {
      byte[] bytes = unpack(path, e);
      int from = Math.clamp(offset, 0, bytes.length);
      int count = Math.min(into.length, bytes.length - from);
      System.arraycopy(bytes, from, into, 0, count);
      return count;
    }
  }

  @Override
  public String describe() {
    return directory.describe();
  }

  private byte[] unpack(String path, NoSuchFileException missing) throws IOException {
    String name = path.substring(path.lastIndexOf('/') + 1);
    if (SegmentName.parse(name).isEmpty()) {
      throw missing;
    }
    lock.lock();
    try {
      byte[] known = unpacked.get(path);
      if (known == null) {
        known = load(path, missing);
        unpacked.put(path, known);
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  private byte[] load(String path, NoSuchFileException missing) throws IOException {
    for (String ending : ENDINGS) {
      byte[] packed;
      try {
        packed =
            directory.read(
                path + ending, 0, (int) Math.min(MAX_BYTES, directory.size(path + ending)));
      } catch (NoSuchFileException e) {
        continue;
      }
      try {
        return unpack(packed, ending);
      } catch (IOException | RuntimeException e) {
        throw new FormatException(
            "%s/%s%s cannot be unpacked: %s"
                .formatted(directory.describe(), path, ending, e.getMessage()));
      }
    }
    throw missing;
  }

  private static byte[] unpack(byte[] packed, String ending) throws IOException {
    return switch (ending) {
      case ".gz" -> drain(new GZIPInputStream(new ByteArrayInputStream(packed), 1 << 16));
      case ".zst" -> drain(new ZstdInputStream(new ByteArrayInputStream(packed)));
      default -> Lz4Frame.unpack(packed, MAX_BYTES);
    };
  }

  private static byte[] drain(InputStream in) throws IOException {
    try (in) {
      byte[] bytes = in.readNBytes(MAX_BYTES);
      if (in.read() >= 0) {
        throw new FormatException("more than %d bytes".formatted(MAX_BYTES));
      }
      return bytes;
    }
  }

  /** LZ4's frame format (lz4_Frame_format.md), linked blocks included. */
  static final class Lz4Frame {
    private static final int MAGIC = 0x184D_2204;

    private final byte[] in;
    private final int limit;
    private byte[] out = new byte[1 << 20];
    private int length;

    private Lz4Frame(byte[] in, int limit) {
      this.in = in;
      this.limit = limit;
    }

    static byte[] unpack(byte[] packed, int limit) {
      Lz4Frame frame = new Lz4Frame(packed, limit);
      try {
        frame.read();
      } catch (ArrayIndexOutOfBoundsException e) {
        throw new FormatException("the LZ4 frame is cut off or damaged");
      }
      return Arrays.copyOf(frame.out, frame.length);
    }

    private void read() {
      int at = 0;
      while (at < in.length) {
        if (ByteReader.i32(in, at) != MAGIC) {
          throw new FormatException("no LZ4 frame at byte " + at);
        }
        int flags = in[at + 4] & 0xFF;
        if (flags >> 6 != 1) {
          throw new FormatException("LZ4 frame of version " + (flags >> 6));
        }
        at += 7 + ((flags & 8) != 0 ? 8 : 0) + ((flags & 1) != 0 ? 4 : 0);
        int size = ByteReader.i32(in, at);
        for (at += 4; size != 0; at += 4) {
          int bytes = size & 0x7FFF_FFFF;
          if (size < 0) {
            ensure(bytes);
            System.arraycopy(in, at, out, length, bytes);
            length += bytes;
          } else {
            block(at, at + bytes);
          }
          at += bytes + ((flags & 16) != 0 ? 4 : 0);
          size = ByteReader.i32(in, at);
        }
        at += (flags & 4) != 0 ? 4 : 0;
      }
    }

    private void block(int from, int to) {
      int at = from;
      while (at < to) {
        int token = in[at++] & 0xFF;
        int literals = token >> 4;
        if (literals == 15) {
          int more;
          do {
            more = in[at++] & 0xFF;
            literals += more;
          } while (more == 255);
        }
        ensure(literals);
        System.arraycopy(in, at, out, length, literals);
        length += literals;
        at += literals;
        if (at >= to) {
          return;
        }
        int distance = ByteReader.u16(in, at);
        at += 2;
        int match = (token & 15) + 4;
        if (match == 19) {
          int more;
          do {
            more = in[at++] & 0xFF;
            match += more;
          } while (more == 255);
        }
        if (distance == 0 || distance > length) {
          throw new FormatException("the LZ4 frame is damaged");
        }
        ensure(match);
        for (int i = 0; i < match; i++, length++) {
          out[length] = out[length - distance];
        }
      }
    }

    private void ensure(int more) {
      long needed = (long) length + more;
      if (more < 0 || needed > limit) {
        throw new FormatException("the LZ4 frame holds more than %d bytes".formatted(limit));
      }
      if (needed > out.length) {
        out = Arrays.copyOf(out, (int) Math.min(limit, Math.max(needed, out.length * 2L)));
      }
    }
  }
}
