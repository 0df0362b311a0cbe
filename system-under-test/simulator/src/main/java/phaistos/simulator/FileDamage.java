package phaistos.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Damage to a part of a file, until it is repaired or written over. Only for tasks of the
 * simulation.
 */
public final class FileDamage {
  /** What is wrong. */
  public enum Kind {
    /** The part reads as zeroes. */
    ZEROED,
    /** The file ends where the part begins. */
    TRUNCATED,
    /** Reads of the part fail with an input/output error (a latent sector error). */
    READ_ERROR,
    /**
     * The next synced write to the part goes to the part behind it: the page cache is right, the
     * platter has the old bytes here and the new ones there.
     */
    MISDIRECTED_WRITE
  }

  final Kind kind;
  final long offset;
  final long length;
  private final SimulatedFile file;

  /** What lies over the platter, and over the page cache. */
  private final List<TreeMap<Long, Integer>> onPlatter = new ArrayList<>();

  private final List<TreeMap<Long, Integer>> onCache = new ArrayList<>();
  private Pages tail = new Pages();
  private Pages durableTail = new Pages();
  private long seen;

  FileDamage(Kind kind, long offset, long length, SimulatedFile file) {
    this.kind = kind;
    this.offset = offset;
    this.length = length;
    this.file = file;
  }

  /** How many reads have met it, or whether a write was misdirected. */
  public long seen() {
    return seen;
  }

  void see() {
    seen++;
  }

  boolean touches(long from, long bytes) {
    return from < offset + length && offset < from + bytes;
  }

  /** Lays it over the file, where that is done at once. */
  void begin(Pages durable, Pages current, FlippedBits onDurable, FlippedBits onCurrent) {
    switch (kind) {
      case ZEROED -> {
        onPlatter.add(onDurable.lay(offset, new byte[(int) length], durable));
        onCache.add(onCurrent.lay(offset, new byte[(int) length], current));
      }
      case TRUNCATED -> {
        tail = current.snapshot();
        durableTail = durable.snapshot();
        current.truncate(Math.min(offset, current.size()));
        durable.truncate(Math.min(offset, durable.size()));
      }
      case READ_ERROR, MISDIRECTED_WRITE -> {}
    }
  }

  /** A write to the part has reached the platter, which had other bytes before. */
  void misdirect(long at, byte[] before, byte[] written, FlippedBits onDurable, Pages durable) {
    onPlatter.add(onDurable.lay(at, before, durable));
    onPlatter.add(onDurable.lay(at + length, written, durable));
    see();
  }

  /** The part reads right again, as far as it was not written over. */
  public void repair() {
    file.repair(this);
  }

  void end(Pages durable, Pages current, FlippedBits onDurable, FlippedBits onCurrent) {
    onPlatter.forEach(onDurable::lift);
    onPlatter.forEach(onCurrent::lift);
    onCache.forEach(onCurrent::lift);
    if (kind == Kind.TRUNCATED) {
      append(tail, current);
      append(durableTail, durable);
    }
  }

  /** Puts back what was cut off, unless the file has grown since. */
  private void append(Pages whole, Pages now) {
    if (now.size() == Math.min(offset, whole.size())) {
      java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate((int) (whole.size() - now.size()));
      whole.read(now.size(), bytes);
      now.write(now.size(), bytes.array(), 0, bytes.position());
    }
  }
}
