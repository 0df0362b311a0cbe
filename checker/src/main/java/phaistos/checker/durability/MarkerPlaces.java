package phaistos.checker.durability;

import java.util.HashMap;
import java.util.Map;

/**
 * Learns the columns of the markers from transactions with a known xid. So a transaction without an
 * xid is not found by a number that is in another column by chance. A place is a relation and an
 * offset in its rows.
 */
final class MarkerPlaces {
  private final Map<Long, Integer> hits = new HashMap<>();
  private final Map<Long, Integer> most = new HashMap<>();

  static long place(int relation, int offset) {
    return (relation & 0xFFFF_FFFFL) << 16 | offset & 0xFFFF;
  }

  static int relation(long place) {
    return (int) (place >>> 16);
  }

  /** Whether the place is a fixed offset, not a position within a text. */
  static boolean isFixed(long place) {
    return (place & 0xFFFF) < 0xFF00;
  }

  /** Whether nothing is known. */
  boolean isEmpty() {
    return hits.isEmpty();
  }

  /** A marker of a transaction with this xid was found here. */
  void confirm(long place) {
    int count = hits.merge(place, 1, Integer::sum);
    most.merge(place >>> 16, count, Math::max);
  }

  /** Whether markers are here: texts anywhere; numbers where most of their relation's are. */
  boolean isUsual(long place) {
    int offset = (int) (place & 0xFFFF);
    int best = most.getOrDefault(place >>> 16, 0);
    return offset == RowSearch.TEXT || best > 0 && hits.getOrDefault(place, 0) * 2 >= best;
  }
}
