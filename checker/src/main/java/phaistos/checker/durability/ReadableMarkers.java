package phaistos.checker.durability;

import java.util.HashSet;
import java.util.Set;

/**
 * The tables where markers of each shape were seen. There they can be read, so a marker that is not
 * seen does not exist.
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

  /** Whether such markers have a fixed offset in this table. */
  boolean showsAtOffset(int relation, MarkerForms.Shape shape) {
    return seen.contains(key(relation, shape, true));
  }

  /** Whether a marker in this table would be seen. */
  boolean shows(int relation, MarkerIndex markers, int slot) {
    MarkerForms.Shape shape = markers.shape(slot);
    return markers.isComplete(slot)
        && (seen.contains(key(relation, shape, true))
            || seen.contains(key(relation, shape, false)));
  }
}
