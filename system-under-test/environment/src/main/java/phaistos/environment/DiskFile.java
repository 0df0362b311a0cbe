package phaistos.environment;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An open file. Thread-safe: reads and writes give their own offset. A crash may undo everything
 * since the last {@link #sync}.
 */
public interface DiskFile extends AutoCloseable {
  /**
   * Reads into the buffer's remaining room.
   *
   * @return the number of bytes read, fewer than asked for only at the end of the file; 0 there
   */
  int read(long offset, ByteBuffer target) throws IOException;

  /** Writes all remaining bytes; beyond the end of the file the gap reads as zeroes. */
  void write(long offset, ByteBuffer source) throws IOException;

  long size() throws IOException;

  void truncate(long size) throws IOException;

  /** Makes content and size durable, as fdatasync does. */
  void sync() throws IOException;

  /**
   * Writes this range of the page cache to the disk and waits for it (sync_file_range). Neither the
   * file's size nor its content is durable then: only {@link #sync} makes them so, and has less to
   * write.
   */
  void writeBack(long offset, long length) throws IOException;

  @Override
  void close() throws IOException;
}
