package phaistos.recorder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A history in JSON lines that is appended to. It writes an invoke before a commit is sent, and a
 * completion when the answer is known. Each line reaches the operating system before the
 * application goes on, so a killed application leaves no commit unrecorded. Thread-safe.
 */
final class HistoryFile {
  private static final Map<Path, HistoryFile> OPEN = new ConcurrentHashMap<>();

  private final FileChannel channel;
  private final String run = UUID.randomUUID().toString();
  private final AtomicLong markers = new AtomicLong();

  /** The next process number; other runs that append to the same file use other numbers. */
  private final AtomicLong processes = new AtomicLong(Instant.now().toEpochMilli() << 20);

  private HistoryFile(FileChannel channel) {
    this.channel = channel;
  }

  /** The open file of this path. */
  static HistoryFile of(Path path) throws SQLException {
    try {
      return OPEN.computeIfAbsent(path.toAbsolutePath().normalize(), HistoryFile::open);
    } catch (UncheckedIOException e) {
      throw new SQLException(path + " cannot be written: " + e.getCause(), e);
    }
  }

  private static HistoryFile open(Path path) {
    try {
      return new HistoryFile(
          FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A text that occurs in no other transaction. */
  String newMarker() {
    return "phaistos-" + run + "-" + markers.incrementAndGet();
  }

  long newProcess() {
    return processes.incrementAndGet();
  }

  /** Appends one event, whose fields are JSON already. */
  void append(String type, long process, String fields) throws SQLException {
    Instant now = Instant.now();
    String line =
        "{\"type\":\"%s\",\"process\":%d,\"time\":%d,\"f\":\"commit\",\"value\":null%s}\n"
            .formatted(
                type, process, now.getEpochSecond() * 1_000_000_000L + now.getNano(), fields);
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    try {
      synchronized (this) {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
    } catch (IOException e) {
      throw new SQLException("the history cannot be written: " + e, e);
    }
  }

  /** A JSON string. */
  static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
