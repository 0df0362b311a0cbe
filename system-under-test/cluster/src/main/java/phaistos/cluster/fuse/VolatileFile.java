package phaistos.cluster.fuse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.cluster.fuse.Undo.Saved;
import phaistos.environment.SeededRandomness;
import phaistos.environment.crashable.PowerCut.Takes;
import phaistos.environment.crashable.Survival;

/**
 * The content of one file: a file of this machine with the current bytes, and what the unsynced
 * changes have replaced. The fault model is that of the simulated disk ({@link Survival}). A change
 * whose sync failed is clean to the kernel: readers see it, and no later sync writes it; it is lost
 * at the next power cut unless it was written over. Thread-safe.
 */
final class VolatileFile implements Inode.Content {
  /**
   * A write, or a truncation, which changes what it cuts off.
   *
   * @param old what was there
   */
  private record Change(long number, boolean truncates, long offset, long length, Saved old) {
    /** The durable size once it is durable. */
    long durableSize(long before) {
      return truncates ? offset : Math.max(before, offset + length);
    }
  }

  /** A range whose sync failed. */
  private record Forgotten(long offset, long length, Saved old) {}

  private final Path path;
  private final Undo undo;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Change> unsynced = new ArrayList<>();
  private List<Forgotten> forgotten = new ArrayList<>();

  /** Bits that read wrong until they are written over. */
  private final TreeSet<Long> flipped = new TreeSet<>();

  private FileChannel channel;
  private volatile long size;
  private long durableSize;
  private long changes;

  /** An empty file, in a file that does not exist yet. */
  VolatileFile(Path path) {
    this.path = path;
    undo = new Undo(path.resolveSibling(path.getFileName() + ".undo"));
  }

  private FileChannel channel() throws IOException {
    if (channel == null) {
      channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
    return channel;
  }

  long size() {
    return size;
  }

  /** Fills the buffer's room as far as the file reaches; returns how many flipped bits it saw. */
  int read(long offset, ByteBuffer target) throws IOException {
    lock.lock();
    try {
      target.limit(target.position() + Math.clamp(size - offset, 0, target.remaining()));
      int first = target.position();
      while (target.hasRemaining()) {
        if (channel().read(target, offset + target.position() - first) < 0) {
          throw new IOException("ends early: " + path);
        }
      }
      var seen = flipped.subSet(8 * offset, 8 * (offset + target.position() - first));
      for (long bit : seen) {
        int index = first + (int) (bit / 8 - offset);
        target.put(index, (byte) (target.get(index) ^ 1 << bit % 8));
      }
      return seen.size();
    } finally {
      lock.unlock();
    }
  }

  void write(long offset, ByteBuffer source) throws IOException {
    lock.lock();
    try {
      int length = source.remaining();
      Saved old = undo.save(channel(), offset, Math.clamp(size - offset, 0, length));
      Undo.writeFully(channel(), offset, source);
      flipped.subSet(8 * offset, 8 * (offset + length)).clear();
      size = Math.max(size, offset + length);
      unsynced.add(new Change(++changes, false, offset, length, old));
    } finally {
      lock.unlock();
    }
  }

  /** Makes the file shorter, or longer by zeroes. */
  void truncate(long newSize) throws IOException {
    lock.lock();
    try {
      Saved old = undo.save(channel(), newSize, Math.max(0, size - newSize));
      setSize(channel(), newSize);
      flipped.tailSet(8 * newSize).clear();
      // What a truncation whose sync failed has cut off is still on the platter.
      long cut = Math.max(0, Math.max(size, forgottenEnd()) - newSize);
      size = newSize;
      unsynced.add(new Change(++changes, true, newSize, cut, old));
    } finally {
      lock.unlock();
    }
  }

  private long forgottenEnd() {
    return forgotten.stream().mapToLong(each -> each.offset + each.length).max().orElse(0);
  }

  /** Makes the file reach at least to there, by zeroes. */
  void allocate(long end) throws IOException {
    lock.lock();
    try {
      if (end > size) {
        long offset = size;
        setSize(channel(), end);
        size = end;
        unsynced.add(new Change(++changes, false, offset, end - offset, Saved.ZEROES));
      }
    } finally {
      lock.unlock();
    }
  }

  private static void setSize(FileChannel file, long size) throws IOException {
    file.truncate(size);
    if (file.size() < size) {
      Undo.writeFully(file, size - 1, ByteBuffer.allocate(1));
    }
  }

  /** Makes a bit of the file read wrong, or right again. */
  void flip(long bit, boolean isWrong) {
    lock.lock();
    try {
      if (isWrong && bit < 8 * size) {
        flipped.add(bit);
      } else {
        flipped.remove(bit);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The number of the last change so far, for {@link #synced} and {@link #forgotten}. */
  long lastChange() {
    lock.lock();
    try {
      return changes;
    } finally {
      lock.unlock();
    }
  }

  /** Makes the changes up to this one durable. */
  void synced(long lastChange) {
    lock.lock();
    try {
      int count = 0;
      for (Change change : unsynced) {
        if (change.number > lastChange) {
          break;
        }
        durableSize = change.durableSize(durableSize);
        boolean toTheEnd = change.truncates;
        writtenOver(change.offset, toTheEnd ? Long.MAX_VALUE - change.offset : change.length);
        count++;
      }
      unsynced.subList(0, count).clear();
      dropUndo();
    } finally {
      lock.unlock();
    }
  }

  /** Notes a failed sync of the changes up to this one. */
  void forgotten(long lastChange) {
    lock.lock();
    try {
      for (Change change : unsynced) {
        if (change.number <= lastChange) {
          forgotten.add(new Forgotten(change.offset, change.length, change.old));
        }
      }
      unsynced.removeIf(change -> change.number <= lastChange);
    } finally {
      lock.unlock();
    }
  }

  private boolean isClean() {
    return unsynced.isEmpty() && forgotten.isEmpty() && size == durableSize;
  }

  private void dropUndo() {
    if (unsynced.isEmpty() && forgotten.isEmpty()) {
      undo.reset();
    }
  }

  /** Takes a range that has reached the platter out of what failed syncs have left. */
  private void writtenOver(long offset, long length) {
    if (forgotten.isEmpty()) {
      return;
    }
    List<Forgotten> left = new ArrayList<>();
    for (Forgotten each : forgotten) {
      long end = each.offset + each.length;
      if (each.offset < offset) {
        left.add(new Forgotten(each.offset, Math.min(end, offset) - each.offset, each.old));
      }
      long behind = Math.max(offset + length, each.offset);
      if (end > behind) {
        Saved old = each.old.withoutFirst(behind - each.offset);
        left.add(new Forgotten(behind, end - behind, old));
      }
    }
    forgotten = left;
  }

  long unsyncedBytes() {
    lock.lock();
    try {
      return unsynced.stream().mapToLong(Change::length).sum();
    } finally {
      lock.unlock();
    }
  }

  /** Cuts the power; returns how many unsynced bytes are lost. What is left is durable. */
  long cut(Takes takes, SeededRandomness random) throws IOException {
    lock.lock();
    try {
      if (isClean()) {
        return 0;
      }
      long lost = takeBack(channel(), takes, random);
      unsynced.clear();
      forgotten.clear();
      dropUndo();
      size = channel().size();
      durableSize = size;
      return lost;
    } finally {
      lock.unlock();
    }
  }

  private long takeBack(FileChannel file, Takes takes, SeededRandomness random) throws IOException {
    Survival survival =
        Survival.draw(
            unsynced.stream().map(each -> new Survival.Range(each.offset, each.length)).toList(),
            takes,
            random);
    long[] lost = new long[1];
    IOException[] failure = new IOException[1];
    survival.forEachNewestFirst(
        (index, offset, length, survives) -> {
          Change change = unsynced.get(index);
          if (survives) {
            writtenOver(offset, length);
            return;
          }
          lost[0] += length;
          try {
            Saved old = change.old.withoutFirst(offset - change.offset);
            undo.restore(file, offset, length, old);
          } catch (IOException e) {
            failure[0] = e;
          }
        });
    if (failure[0] != null) {
      throw failure[0];
    }
    for (Forgotten each : forgotten.reversed()) {
      undo.restore(file, each.offset, each.length, each.old);
    }
    long left = durableSize;
    for (Change change : unsynced.subList(0, survival.keptSizes())) {
      left = change.durableSize(left);
    }
    setSize(file, left);
    return lost[0];
  }

  /** Copies the content, with or without what is unsynced, to a file that does not exist. */
  void copyTo(Path target, boolean withUnsynced) throws IOException {
    lock.lock();
    try {
      if (Files.exists(path)) {
        Files.copy(path, target, StandardCopyOption.COPY_ATTRIBUTES);
      } else {
        Files.createFile(target);
      }
      boolean isToUndo = !withUnsynced && !isClean();
      if (isToUndo || !flipped.isEmpty()) {
        try (FileChannel copy =
            FileChannel.open(target, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
          if (isToUndo) {
            takeBack(copy, Takes.ALL, new SeededRandomness(0));
          }
          spoil(copy);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void spoil(FileChannel copy) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    for (long bit : flipped.headSet(8 * copy.size())) {
      copy.read(one.clear(), bit / 8);
      one.put(0, (byte) (one.get(0) ^ 1 << bit % 8));
      Undo.writeFully(copy, bit / 8, one.flip());
    }
  }

  /** Removes it from this machine. */
  void remove() throws IOException {
    lock.lock();
    try {
      if (channel != null) {
        channel.close();
        channel = null;
      }
      undo.close();
      Files.deleteIfExists(path);
    } finally {
      lock.unlock();
    }
  }
}
