package phaistos.checker.jepsen;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import phaistos.histories.Edn;

/** A multiset of values, in the order in which they came first. Not thread-safe. */
final class Bag {
  private final Map<Edn, Integer> counts = new LinkedHashMap<>();

  void add(Edn value) {
    counts.merge(value, 1, Integer::sum);
  }

  void addAll(Bag other) {
    other.counts.forEach((value, count) -> counts.merge(value, count, Integer::sum));
  }

  int count(Edn value) {
    return counts.getOrDefault(value, 0);
  }

  /** Takes one away; false if there is none. */
  boolean remove(Edn value) {
    Integer count = counts.get(value);
    if (count == null) {
      return false;
    }
    if (count == 1) {
      counts.remove(value);
    } else {
      counts.put(value, count - 1);
    }
    return true;
  }

  /** The values that occur more often here than there. */
  Bag minus(Bag other) {
    Bag rest = new Bag();
    counts.forEach(
        (value, count) -> {
          if (count > other.count(value)) {
            rest.counts.put(value, count - other.count(value));
          }
        });
    return rest;
  }

  /** The values that occur in both. */
  Bag and(Bag other) {
    Bag both = new Bag();
    counts.forEach(
        (value, count) -> {
          int common = Math.min(count, other.count(value));
          if (common > 0) {
            both.counts.put(value, common);
          }
        });
    return both;
  }

  /** The values here that do not occur there at all. */
  Bag without(Bag other) {
    Bag rest = new Bag();
    counts.forEach(
        (value, count) -> {
          if (other.count(value) == 0) {
            rest.counts.put(value, count);
          }
        });
    return rest;
  }

  boolean isEmpty() {
    return counts.isEmpty();
  }

  List<Edn> values() {
    List<Edn> all = new ArrayList<>();
    counts.forEach(
        (value, count) -> {
          for (int i = 0; i < count; i++) {
            all.add(value);
          }
        });
    return all;
  }
}
