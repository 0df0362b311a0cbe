package phaistos.checker.durability;

import java.util.HashSet;
import java.util.Set;

/**
 * In which tables markers of which shape were seen: there they can be read, and one that is not
 * seen is not there.
 */
final class ReadableMarkers {
  private final Set<Long> seen = new HashSet<>();

  /** A marker of this shape was seen in a row of its own transaction. */
  void add(long place, MarkerForms.Shape shape) {
    seen.add(key(MarkerPlaces.relation(place), shape, MarkerPlaces.isFixed(place)));
  }

  private static long key(int relation, MarkerForms.Shape shape, boolean isFixed) {
    return (relation & 0xFFFF_FFFFL) << 8 | shape.ordinal() << 1 | (isFixed ? 1 : 0);
  }

  boolean isEmpty() {
    return seen.isEmpty();
  }

  /** Whether such markers stand at an offset of their own in this table. */
  boolean showsAtOffset(int relation, MarkerForms.Shape shape) {
    return seen.contains(key(relation, shape, true));
  }

  /** Whether a marker would be seen in this table, if it were there. */
  boolean shows(int relation, MarkerIndex markers, int slot) {
    MarkerForms.Shape shape = markers.shape(slot);
    return markers.isComplete(slot)
        && (seen.contains(key(relation, shape, true))
            || seen.contains(key(relation, shape, false)));
  }
}
