package phaistos.cluster.fuse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The bytes that unsynced changes of one file have replaced, one after the other in a file beside
 * it. Bytes that are all zero take no room. Not thread-safe.
 */
final class Undo {
  private static final int CHUNK_BYTES = 64 << 10;

  private final Path path;
  private FileChannel file;
  private long end;

  Undo(Path path) {
    this.path = path;
  }

  /**
   * Bytes that were saved. What comes after them was zero, or beyond the end of the file.
   *
   * @param position in the file of saved bytes; without meaning if there are none
   */
  record Saved(long position, long length) {
    static final Saved ZEROES = new Saved(0, 0);

    Saved withoutFirst(long bytes) {
      return bytes >= length ? ZEROES : new Saved(position + bytes, length - bytes);
    }
  }

  /** Keeps a range of a file as it is now. */
  Saved save(FileChannel source, long offset, long length) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(length, CHUNK_BYTES));
    if (isZero(source, offset, length, chunk)) {
      return Saved.ZEROES;
    }
    if (file == null) {
      file =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
    Saved saved = new Saved(end, length);
    for (long at = 0; at < length; at += chunk.limit()) {
      readFully(source, offset + at, part(chunk, length - at));
      writeFully(file, end, chunk.flip());
      end += chunk.limit();
    }
    return saved;
  }

  private static boolean isZero(FileChannel source, long offset, long length, ByteBuffer chunk)
      throws IOException {
    for (long at = 0; at < length; at += chunk.limit()) {
      readFully(source, offset + at, part(chunk, length - at));
      chunk.flip();
      while (chunk.remaining() >= Long.BYTES) {
        if (chunk.getLong() != 0) {
          return false;
        }
      }
      while (chunk.hasRemaining()) {
        if (chunk.get() != 0) {
          return false;
        }
      }
    }
    return true;
  }

  /** Puts a range of a file back as it was saved. */
  void restore(FileChannel target, long offset, long length, Saved saved) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(length, CHUNK_BYTES));
    for (long at = 0; at < length; at += chunk.limit()) {
      part(chunk, length - at);
      int known = Math.clamp(saved.length - at, 0, chunk.limit());
      if (known > 0) {
        readFully(file, saved.position + at, chunk.limit(known));
      }
      part(chunk, length - at).position(known);
      while (chunk.hasRemaining()) {
        chunk.put((byte) 0);
      }
      writeFully(target, offset + at, chunk.flip());
    }
  }

  private static ByteBuffer part(ByteBuffer chunk, long length) {
    return chunk.clear().limit((int) Math.min(chunk.capacity(), length));
  }

  private static void readFully(FileChannel source, long offset, ByteBuffer target)
      throws IOException {
    long start = offset - target.position();
    while (target.hasRemaining()) {
      if (source.read(target, start + target.position()) < 0) {
        throw new IOException("ends early: offset=" + offset);
      }
    }
  }

  static void writeFully(FileChannel target, long offset, ByteBuffer bytes) throws IOException {
    long start = offset - bytes.position();
    while (bytes.hasRemaining()) {
      target.write(bytes, start + bytes.position());
    }
  }

  /** Nothing that was saved is needed any more. */
  void reset() {
    end = 0;
  }

  void close() throws IOException {
    if (file != null) {
      file.close();
      file = null;
    }
    Files.deleteIfExists(path);
  }
}
