package phaistos.checker.durability;

import java.util.HashMap;
import java.util.Map;

/**
 * Learns in which columns the markers stand, from the transactions whose xid is known, so that a
 * transaction without xid is not found by a number that stands in some other column by chance. A
 * place is a relation and an offset in its rows.
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

  /** Whether the place is an offset of its own, and not somewhere in a text. */
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

  /** Whether markers stand here: texts anywhere; numbers where most of their relation's do. */
  boolean isUsual(long place) {
    int offset = (int) (place & 0xFFFF);
    int best = most.getOrDefault(place >>> 16, 0);
    return offset == RowSearch.TEXT || best > 0 && hits.getOrDefault(place, 0) * 2 >= best;
  }
}
