package phaistos.checker.durability;

import java.util.Arrays;
import java.util.Optional;

/** The markers found so far in the rows of an open transaction. */
final class OpenRows {
  /** Enough for any workload; a transaction with more is an unrelated bulk load. */
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

  /** User tables with rows of it that can be read in full; few. */
  private int[] read = NONE;

  private int readCount;
  private int[] far = NONE;
  private int acts;

  /** What a transaction did apart from writing rows, or did to the catalog. */
  enum Act {
    /** Deleted or locked rows of a table, which the WAL does not show. */
    TOUCHED,
    /** Gave a relation a new file. */
    STORED,
    /** Wrote to the catalog's list of relations, as CREATE does. */
    CREATED,
    /** Changed some table, the catalog included. */
    LOGGED
  }

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
    for (int i = 0; i < other.readCount; i++) {
      setRead(other.read[i]);
    }
    for (int relation : other.far) {
      setFar(relation);
    }
    acts |= other.acts;
    if (moved.isEmpty()) {
      moved = other.moved;
    }
  }

  /** The values moved out of line so far; {@code longest} as in {@link LongValues}. */
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

  /** A row of this relation was read in full. */
  void setRead(int relation) {
    for (int i = 0; i < readCount; i++) {
      if (read[i] == relation) {
        return;
      }
    }
    if (readCount == read.length) {
      read = Arrays.copyOf(read, Math.max(4, readCount * 2));
    }
    read[readCount++] = relation;
  }

  /** A value of a row of this relation is out of line and was not resolved. */
  void setFar(int relation) {
    if (Arrays.stream(far).noneMatch(known -> known == relation)) {
      far = Arrays.copyOf(far, far.length + 1);
      far[far.length - 1] = relation;
    }
  }

  boolean isFar(int relation) {
    return Arrays.stream(far).anyMatch(known -> known == relation);
  }

  int[] readRelations() {
    return Arrays.copyOf(read, readCount);
  }

  void did(Act act) {
    acts |= 1 << act.ordinal();
  }

  private boolean has(Act act) {
    return (acts >> act.ordinal() & 1) != 0;
  }

  /** Why its changes cannot be read in full, so that it may be any client's. Empty if they were. */
  String unseen() {
    if (opaqueCount > 0) {
      return "a row of which the WAL shows a part only";
    }
    if (far.length > 0) {
      return "a row with a value that was moved out of line";
    }
    if (has(Act.TOUCHED)) {
      return "rows deleted or locked, which the WAL does not show";
    }
    if (has(Act.STORED) && !has(Act.CREATED)) {
      return "a relation given a new file, as TRUNCATE does";
    }
    return has(Act.LOGGED) || readCount > 0 ? "" : "nothing in the WAL but its commit record";
  }

  /** Whether it left nothing in the WAL but its commit record. */
  boolean isCommitOnly() {
    return acts == 0 && readCount == 0 && opaqueCount == 0 && far.length == 0;
  }

  /** Whether nothing is unseen but values out of line. */
  boolean isAllReadButFar() {
    return opaqueCount == 0 && !has(Act.TOUCHED) && !(has(Act.STORED) && !has(Act.CREATED));
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
    if (to == from + 1) {
      // a transaction with one marker, as nearly all have
      for (int i = 0; i < count; i++) {
        if (slots[i] == from) {
          return 1;
        }
      }
      return 0;
    }
    return (int) Arrays.stream(slots, 0, count).filter(s -> s >= from && s < to).distinct().count();
  }
}
