package phaistos.simulator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;
import phaistos.environment.SeededRandomness;

/**
 * The content of a file: the bytes on the platter, the bytes in the page cache, and the unsynced
 * changes between the two, in order. Faults of the medium are an overlay and never change the
 * bytes.
 */
final class SimulatedFile implements DiskNames.Entry {
  private static final int SECTOR_BYTES = 512;

  /**
   * A write of {@code length} bytes at {@code offset}, zeroes if {@code bytes} is null. A
   * truncation is a write of zeroes over the part that it cuts off. {@code size} is the file's size
   * after it.
   */
  private record Change(
      long number, boolean truncates, long offset, byte[] bytes, long length, long size) {}

  final long id;
  private final Pages durable = new Pages();
  private final Pages current = new Pages();
  private final FlippedBits durableFlips = new FlippedBits();
  private final FlippedBits currentFlips = new FlippedBits();
  private final List<FileDamage> damages = new ArrayList<>();
  private final List<Change> unsynced = new ArrayList<>();
  private long changes;

  SimulatedFile(long id) {
    this.id = id;
  }

  /** A simulation's identity hashes are all one, and a set of many files would be a list. */
  @Override
  public int hashCode() {
    return Long.hashCode(id);
  }

  long size() {
    return current.size();
  }

  /** The result of a read. */
  record Reading(int bytes, int flippedBits) {}

  /**
   * @throws IOException if a sector cannot be read
   */
  Reading read(long offset, ByteBuffer target) throws IOException {
    int start = target.position();
    for (FileDamage damage : damages) {
      if (damage.touches(offset, target.remaining())) {
        meet(damage);
      }
    }
    int bytes = current.read(offset, target);
    int flipped = currentFlips.isEmpty() ? 0 : currentFlips.spoil(offset, bytes, target, start);
    return new Reading(bytes, flipped);
  }

  private static void meet(FileDamage damage) throws IOException {
    switch (damage.kind) {
      case READ_ERROR -> {
        damage.see();
        throw new IOException("Input/output error");
      }
      case ZEROED, TRUNCATED -> damage.see();
      case MISDIRECTED_WRITE -> {}
    }
  }

  FileDamage damage(FileDamage.Kind kind, long offset, long length) {
    FileDamage damage = new FileDamage(kind, offset, length, this);
    damage.begin(durable, current, durableFlips, currentFlips);
    damages.add(damage);
    return damage;
  }

  void repair(FileDamage damage) {
    if (damages.remove(damage)) {
      damage.end(durable, current, durableFlips, currentFlips);
    }
  }

  /** A sector that is written over can be read. */
  private void overwritten(long offset, long length) {
    damages.removeIf(
        damage ->
            damage.kind == FileDamage.Kind.READ_ERROR
                && offset <= damage.offset
                && damage.offset + damage.length <= offset + length);
  }

  long size(boolean withUnsynced) {
    return (withUnsynced ? current : durable).size();
  }

  /** Reads from the page cache, or from the platter; returns how many bytes. */
  int read(boolean withUnsynced, long offset, ByteBuffer target) {
    int start = target.position();
    int bytes = (withUnsynced ? current : durable).read(offset, target);
    (withUnsynced ? currentFlips : durableFlips).spoil(offset, bytes, target, start);
    return bytes;
  }

  void write(long offset, byte[] bytes) {
    byte[] kept = isZero(bytes) ? null : bytes;
    current.write(offset, kept, 0, bytes.length);
    currentFlips.written(offset, bytes.length);
    if (!damages.isEmpty()) {
      overwritten(offset, bytes.length);
    }
    unsynced.add(new Change(++changes, false, offset, kept, bytes.length, current.size()));
  }

  void truncate(long size) {
    long cut = Math.max(0, current.size() - size);
    current.truncate(size);
    currentFlips.truncated(size);
    unsynced.add(new Change(++changes, true, size, null, cut, size));
  }

  private static boolean isZero(byte[] bytes) {
    for (byte value : bytes) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  /** The number of the last change so far, for {@link #synced} and {@link #forgotten}. */
  long lastChange() {
    return changes;
  }

  /** Makes the changes up to this one durable. */
  void synced(long lastChange) {
    int count = 0;
    for (Change change : unsynced) {
      if (change.number > lastChange) {
        break;
      }
      applyToPlatter(change);
      count++;
    }
    unsynced.subList(0, count).clear();
  }

  /**
   * Notes a failed sync of the changes up to this one. The kernel has marked their pages clean:
   * readers still see them, but no later sync writes them (fsyncgate).
   */
  void forgotten(long lastChange) {
    unsynced.removeIf(change -> change.number <= lastChange);
  }

  /** The platter gets a change, perhaps at the wrong place. */
  private void applyToPlatter(Change change) {
    for (FileDamage damage : damages) {
      boolean isWrite = !change.truncates && damage.touches(change.offset, change.length);
      if (isWrite && damage.kind == FileDamage.Kind.MISDIRECTED_WRITE && damage.seen() == 0) {
        byte[] written =
            change.bytes == null ? new byte[(int) change.length] : change.bytes.clone();
        byte[] before = new byte[written.length];
        durable.read(change.offset, ByteBuffer.wrap(before));
        apply(change);
        damage.misdirect(change.offset, before, written, durableFlips, durable);
        return;
      }
    }
    apply(change);
  }

  private void apply(Change change) {
    if (change.truncates) {
      truncateDurable(change.size);
    } else {
      writeDurable(change.offset, change.bytes, 0, (int) change.length);
    }
  }

  private void writeDurable(long offset, byte[] bytes, int from, int length) {
    durable.write(offset, bytes, from, length);
    durableFlips.written(offset, length);
  }

  private void truncateDurable(long size) {
    durable.truncate(size);
    durableFlips.truncated(size);
  }

  long unsyncedBytes() {
    long total = 0;
    for (Change change : unsynced) {
      total += change.length;
    }
    return total;
  }

  /** Makes one bit read wrong from now on, from the platter and from the page cache. */
  void flipBit(long bit) {
    if (bit / 8 < durable.size()) {
      durableFlips.flip(bit);
    }
    if (bit / 8 < current.size()) {
      currentFlips.flip(bit);
    }
  }

  void restoreBit(long bit) {
    durableFlips.restore(bit);
    currentFlips.restore(bit);
  }

  /** What a reader would see, now or after a power cut. */
  Pages image(boolean withUnsynced) {
    return withUnsynced ? currentFlips.spoilt(current) : durableFlips.spoilt(durable);
  }

  /** The numbers of the unsynced changes, oldest first. */
  List<Long> unsyncedChanges() {
    return unsynced.stream().map(Change::number).toList();
  }

  /** What a power cut would leave if of each unsynced change these sectors survived. */
  Pages imageWith(LongFunction<LongPredicate> kept) {
    Pages image = durable.snapshot();
    for (Change change : unsynced) {
      LongPredicate sectors = kept.apply(change.number);
      if (change.truncates) {
        if (sectors.test(0)) {
          image.truncate(change.size);
        }
      } else {
        forEachPart(
            change,
            sectors,
            (from, length) -> {
              int index = change.bytes == null ? 0 : (int) (from - change.offset);
              image.write(from, change.bytes, index, length);
            });
      }
    }
    return image;
  }

  private interface PartVisitor {
    void visit(long offset, int length);
  }

  private static void forEachPart(Change change, LongPredicate sectors, PartVisitor visitor) {
    if (sectors == CrashStates.Survivors.WHOLE) {
      visitor.visit(change.offset, (int) change.length);
    } else if (sectors != CrashStates.Survivors.NOTHING) {
      forEachUnit(
          change,
          SECTOR_BYTES,
          (sector, from, length) -> {
            if (sectors.test(sector)) {
              visitor.visit(from, length);
            }
          });
    }
  }

  /** Content that is on the platter, as a machine finds it when it is switched on. */
  void load(Pages content) {
    durable.becomeCopyOf(content);
    current.becomeCopyOf(content);
  }

  /** Cuts the power; returns how many unsynced bytes are lost. */
  long crash(UnsyncedWrites mode, SeededRandomness random) {
    long lost =
        switch (mode) {
          case LOSE_ALL -> unsyncedBytes();
          case KEEP_ALL -> {
            synced(Long.MAX_VALUE);
            yield 0;
          }
          case LOSE_SOME -> writeBack(Pages.PAGE_BYTES, random);
          case TEAR -> writeBack(SECTOR_BYTES, random);
        };
    unsynced.clear();
    current.becomeCopyOf(durable);
    currentFlips.becomeCopyOf(durableFlips);
    return lost;
  }

  /**
   * Puts each unit (page or sector) on the platter as it was after some of the changes that touched
   * it, each unit as of its own moment; so with the size. Thus writes are reordered: a later one
   * may survive while an earlier one is lost.
   */
  private long writeBack(int unitBytes, SeededRandomness random) {
    TreeMap<Long, Integer> left = new TreeMap<>();
    for (Change change : unsynced) {
      forEachUnit(change, unitBytes, (unit, _, _) -> left.merge(unit, 1, Integer::sum));
    }
    for (Map.Entry<Long, Integer> entry : left.entrySet()) {
      entry.setValue(random.nextInt(entry.getValue() + 1));
    }
    int sizeMoment = random.nextInt(unsynced.size() + 1);
    long size = sizeMoment == 0 ? durable.size() : unsynced.get(sizeMoment - 1).size;
    long[] lost = new long[1];
    for (Change change : unsynced) {
      forEachUnit(
          change,
          unitBytes,
          (unit, from, length) -> {
            if (left.merge(unit, -1, Integer::sum) >= 0) {
              int index = (int) (from - change.offset);
              writeDurable(from, change.bytes, change.bytes == null ? 0 : index, length);
            } else {
              lost[0] += length;
            }
          });
    }
    truncateDurable(size);
    return lost[0];
  }

  private interface UnitVisitor {
    void visit(long unit, long offset, int length);
  }

  private static void forEachUnit(Change change, int unitBytes, UnitVisitor visitor) {
    long end = change.offset + change.length;
    for (long at = change.offset; at < end; ) {
      long unit = at / unitBytes;
      int length = (int) (Math.min(end, (unit + 1) * unitBytes) - at);
      visitor.visit(unit, at, length);
      at += length;
    }
  }
}
