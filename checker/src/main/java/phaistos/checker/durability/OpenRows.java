package phaistos.checker.durability;

import java.util.Arrays;
import java.util.Optional;

/** The markers found so far in the rows of a transaction that has not ended yet. */
final class OpenRows {
  /** Enough for any workload; a transaction that hits more is a bulk load by somebody else. */
  private static final int MAX_HITS = 100_000;

  private static final int[] NONE = {};
  private static final long[] NOWHERE = {};

  private final int xid;
  private int[] slots = NONE;
  private long[] places = NOWHERE;
  private int count;
  private Optional<LongValues> moved = Optional.empty();

  /** Relations with rows that cannot be read from the WAL in full; few. */
  private int[] opaque = NONE;

  private int opaqueCount;

  OpenRows(int xid) {
    this.xid = xid;
  }

  int xid() {
    return xid;
  }

  void add(int slot, long place) {
    if (count == MAX_HITS) {
      return;
    }
    if (count == slots.length) {
      slots = Arrays.copyOf(slots, Math.max(4, count * 2));
      places = Arrays.copyOf(places, slots.length);
    }
    slots[count] = slot;
    places[count++] = place;
  }

  void addAll(OpenRows other) {
    for (int i = 0; i < other.count; i++) {
      add(other.slots[i], other.places[i]);
    }
    for (int i = 0; i < other.opaqueCount; i++) {
      setOpaque(other.opaque[i]);
    }
    if (moved.isEmpty()) {
      moved = other.moved;
    }
  }

  /** What it moved out of line so far; {@code longest} as in {@link LongValues}. */
  LongValues moved(int longest) {
    if (moved.isEmpty()) {
      moved = Optional.of(new LongValues(longest));
    }
    return moved.get();
  }

  /** A row of this relation cannot be read from the WAL in full. */
  void setOpaque(int relation) {
    for (int i = 0; i < opaqueCount; i++) {
      if (opaque[i] == relation) {
        return;
      }
    }
    if (opaqueCount == opaque.length) {
      opaque = Arrays.copyOf(opaque, Math.max(4, opaqueCount * 2));
    }
    opaque[opaqueCount++] = relation;
  }

  boolean isOpaque() {
    return opaqueCount > 0;
  }

  int[] opaqueRelations() {
    return Arrays.copyOf(opaque, opaqueCount);
  }

  int count() {
    return count;
  }

  int slot(int i) {
    return slots[i];
  }

  /** Relation and offset in the row, as one number. */
  long place(int i) {
    return places[i];
  }

  /** The number of different slots from {@code from} to {@code to}. */
  int distinct(int from, int to) {
    return (int) Arrays.stream(slots, 0, count).filter(s -> s >= from && s < to).distinct().count();
  }
}
