package phaistos.harness.campaign;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.histories.Edn;
import phaistos.histories.EdnException;
import phaistos.histories.EdnReader;
import phaistos.histories.EdnWriter;

/**
 * The memory of a store's campaigns, {@code journal.edn}: one map a line, only ever appended to. A
 * run is over when its line is there, and not before.
 *
 * <p>A line counts if it ends. What a kill has left of a line that did not end is cut off when the
 * journal is opened the next time, and a line that could not be written whole (a full disk) is cut
 * off at once. So no line is lost that was there, and none is there in part. Each line is synced.
 * One process has the journal open at a time. Not thread-safe.
 */
final class Journal implements AutoCloseable {
  private static final String NAME = "journal.edn";

  /** Somebody else has it open, it cannot be written, or it is damaged; the message names it. */
  static final class JournalException extends RuntimeException {
    JournalException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private final Path file;
  private final FileChannel lock;
  private final FileChannel channel;
  private final List<Entry> entries;

  private Journal(Path file, FileChannel lock, FileChannel channel, List<Entry> entries) {
    this.file = file;
    this.lock = lock;
    this.channel = channel;
    this.entries = entries;
  }

  /**
   * Opens the journal of a folder, and makes it if there is none.
   *
   * @throws JournalException as said there
   */
  static Journal open(Path folder) {
    Path file = folder.resolve(NAME);
    FileChannel lock = null;
    FileChannel channel = null;
    try {
      Files.createDirectories(folder);
      lock = locked(folder);
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      byte[] bytes = Files.readAllBytes(file);
      int whole = whole(bytes);
      List<Entry> entries = parse(new String(bytes, 0, whole, StandardCharsets.UTF_8), file);
      if (whole < bytes.length) {
        channel.truncate(whole);
      }
      channel.position(whole);
      return new Journal(file, lock, channel, entries);
    } catch (IOException e) {
      closeQuietly(channel);
      closeQuietly(lock);
      throw new JournalException(file + " cannot be opened: " + reason(e), e);
    } catch (JournalException e) {
      closeQuietly(channel);
      closeQuietly(lock);
      throw e;
    }
  }

  /** The lines of a journal that may be in use; none if there is no journal. */
  static List<Entry> read(Path folder) {
    Path file = folder.resolve(NAME);
    try {
      if (!Files.exists(file)) {
        return List.of();
      }
      byte[] bytes = Files.readAllBytes(file);
      return parse(new String(bytes, 0, whole(bytes), StandardCharsets.UTF_8), file);
    } catch (IOException e) {
      throw new JournalException(file + " cannot be read: " + reason(e), e);
    }
  }

  /** A process that was killed leaves no lock behind. */
  private static FileChannel locked(Path folder) throws IOException {
    Path path = folder.resolve("lock");
    FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException _) {
      lock = null;
    }
    if (lock == null) {
      channel.close();
      throw new JournalException("another campaign is at work in " + folder, null);
    }
    return channel;
  }

  /** The length of all lines that end. */
  private static int whole(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    return end;
  }

  private static List<Entry> parse(String text, Path file) {
    List<Entry> entries = new ArrayList<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      try {
        Optional<Edn> value = new EdnReader(new StringReader(line), file.toString()).next();
        if (!(value.orElse(Edn.NIL) instanceof Edn.Table table)) {
          throw new IllegalArgumentException("expected a map");
        }
        entries.add(Entry.ofEdn(table));
      } catch (IOException | EdnException | IllegalArgumentException | ClassCastException e) {
        throw new JournalException(
            "%s, line %d: no line of a journal: %s".formatted(file, number, e.getMessage()), e);
      }
    }
    return entries;
  }

  List<Entry> entries() {
    return List.copyOf(entries);
  }

  /**
   * Adds a line. After an exception the journal is as it was before.
   *
   * @throws JournalException if it cannot be written
   */
  void append(Entry entry) {
    byte[] line = (EdnWriter.print(entry.toEdn()) + "\n").getBytes(StandardCharsets.UTF_8);
    long before = -1;
    try {
      before = channel.position();
      ByteBuffer buffer = ByteBuffer.wrap(line);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(false);
      entries.add(entry);
    } catch (IOException e) {
      cutTo(before, e);
      throw new JournalException(file + " cannot be written: " + reason(e), e);
    }
  }

  private void cutTo(long length, IOException cause) {
    try {
      if (length >= 0) {
        channel.truncate(length);
        channel.position(length);
      }
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  static String reason(IOException e) {
    return e instanceof FileSystemException failure && failure.getReason() != null
        ? failure.getReason()
        : e.getMessage() == null ? e.toString() : e.getMessage();
  }

  @Override
  public void close() {
    closeQuietly(channel);
    closeQuietly(lock);
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException _) {
      // Every line was synced when it was written.
    }
  }
}
