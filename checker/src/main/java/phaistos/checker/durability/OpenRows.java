package phaistos.checker.durability;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** The markers found so far in the rows of a transaction that has not ended yet. */
final class OpenRows {
  /** Enough for any workload; a transaction that hits more is a bulk load by somebody else. */
  private static final int MAX_HITS = 100_000;

  private int[] slots = new int[4];
  private long[] places = new long[4];
  private int count;
  private Optional<LongValues> moved = Optional.empty();

  /** Relations with rows that cannot be read from the WAL in full. */
  private Set<Integer> opaque = Set.of();

  void add(int slot, long place) {
    if (count == MAX_HITS) {
      return;
    }
    if (count == slots.length) {
      slots = Arrays.copyOf(slots, count * 2);
      places = Arrays.copyOf(places, count * 2);
    }
    slots[count] = slot;
    places[count++] = place;
  }

  void addAll(OpenRows other) {
    for (int i = 0; i < other.count; i++) {
      add(other.slots[i], other.places[i]);
    }
    other.opaque.forEach(this::setOpaque);
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
    if (opaque.isEmpty()) {
      opaque = new HashSet<>();
    }
    opaque.add(relation);
  }

  boolean isOpaque() {
    return !opaque.isEmpty();
  }

  Set<Integer> opaqueRelations() {
    return opaque;
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
