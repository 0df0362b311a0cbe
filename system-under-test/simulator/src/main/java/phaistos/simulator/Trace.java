package phaistos.simulator;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * The running hash over everything that happens in a simulation: every scheduling choice and every
 * port call with its arguments. Two runs with equal hashes took the same steps. With a listener,
 * each event is also given as a line, to find the first step at which two runs differ. Not
 * thread-safe.
 */
final class Trace {
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private final Consumer<String> listener;
  private long hash;
  private long events;

  /**
   * @param listener told of every event, or null for none
   */
  Trace(long seed, Consumer<String> listener) {
    this.hash = seed;
    this.listener = listener;
  }

  long hash() {
    return hash;
  }

  long events() {
    return events;
  }

  void record(long timeNanos, SimulatedTask task, String kind, long a, long b) {
    long taskId = task == null ? 0 : task.id();
    events++;
    mix(timeNanos);
    mix((taskId << 32) ^ kind.hashCode());
    mix(a);
    mix(b);
    if (listener != null) {
      String name = task == null ? "-" : task.qualifiedName();
      listener.accept(events + " " + timeNanos + " " + name + " " + kind + " " + a + " " + b);
    }
  }

  private void mix(long value) {
    long mixed = (hash ^ value) * MULTIPLIER;
    hash = mixed ^ (mixed >>> 29);
  }

  /** A checksum that stands for bytes in the trace. */
  static long checksum(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return crc.getValue();
  }

  /** The same for the remaining bytes of a buffer, which stay unread. */
  static long checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return crc.getValue();
  }
}
