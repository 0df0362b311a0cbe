package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/**
 * Reads of registers by predicate, {@code [:rp predicate {key value, ...}]}: the transaction saw
 * these rows, and of every other key a version that does not match. Where all that was ever written
 * to a key matches, that version is the initial one, so that the read counts as one of nil by
 * predicate; where some does not it may be any of those, and the read is open. Not thread-safe.
 *
 * <p>A predicate is {@code :all} (every row there is), {@code [:= v]}, {@code [:not= v]}, {@code
 * [:< n]}, {@code [:<= n]}, {@code [:> n]}, {@code [:>= n]}, {@code [:mod m r]} of the row's value,
 * or {@code [:and p ...]}. A row that was not written yet, nil, matches none.
 */
final class Predicates {
  private final List<Read> reads = new ArrayList<>();

  /** Of a transaction its steps as they stand in the history. */
  private final Map<Integer, Edn> originals = new LinkedHashMap<>();

  /**
   * A read that may have seen one of several versions of a key: none that matches.
   *
   * @param step the steps of the transaction before it, among all steps
   */
  record Open(int transaction, int step, int key, Edn predicate) {}

  /** {@code step}: how many steps of the transaction stand before it. */
  private record Read(int transaction, int step, Edn predicate, Set<Integer> rows) {}

  boolean isEmpty() {
    return originals.isEmpty();
  }

  Map<Integer, Edn> originals() {
    return originals;
  }

  void add(int transaction, int step, Edn predicate, Set<Integer> rows) {
    reads.add(new Read(transaction, step, predicate, new HashSet<>(rows)));
  }

  /**
   * Whether a value matches.
   *
   * @throws IllegalArgumentException if that is no predicate
   */
  static boolean matches(Edn predicate, Edn value) {
    if (value instanceof Edn.Nil) {
      return false;
    }
    if (predicate instanceof Edn.Keyword keyword && keyword.name().equals("all")) {
      return true;
    }
    List<Edn> parts = predicate instanceof Edn.Vector vector ? vector.items() : List.of();
    if (parts.isEmpty() || !(parts.getFirst() instanceof Edn.Keyword name)) {
      throw bad(predicate);
    }
    if (name.name().equals("and")) {
      return parts.stream().skip(1).allMatch(part -> matches(part, value));
    }
    if (parts.size() == 2 && (name.name().equals("=") || name.name().equals("not="))) {
      return value.equals(parts.get(1)) == name.name().equals("=");
    }
    long left = number(value, predicate);
    long right = parts.size() > 1 ? number(parts.get(1), predicate) : 0;
    boolean isMod = name.name().equals("mod") && parts.size() == 3 && right > 0;
    if (isMod) {
      return Math.floorMod(left, right) == number(parts.get(2), predicate);
    }
    if (parts.size() != 2) {
      throw bad(predicate);
    }
    return switch (name.name()) {
      case "<" -> left < right;
      case "<=" -> left <= right;
      case ">" -> left > right;
      case ">=" -> left >= right;
      default -> throw bad(predicate);
    };
  }

  private static long number(Edn value, Edn predicate) {
    if (value instanceof Edn.Int(long number)) {
      return number;
    }
    throw new IllegalArgumentException(
        "%s compares integers, not %s"
            .formatted(EdnWriter.print(predicate), EdnWriter.print(value)));
  }

  private static IllegalArgumentException bad(Edn predicate) {
    return new IllegalArgumentException(
        "a predicate is :all, [:= v], [:not= v], [:< n], [:<= n], [:> n], [:>= n], [:mod m r] or"
            + " [:and p ...], not "
            + EdnWriter.print(predicate));
  }

  /** A read of nil that a read by predicate is. */
  record Nil(int transaction, int step, int key) {}

  /** What the reads come to, once all that was written is known. */
  record Resolved(List<Nil> nils, List<Open> open) {}

  /** {@code written}: for each key what transactions wrote that may have happened. */
  Resolved resolve(List<Set<Edn>> written) {
    List<Nil> nils = new ArrayList<>();
    List<Open> open = new ArrayList<>();
    for (Read read : reads) {
      for (int key = 0; key < written.size(); key++) {
        Set<Edn> values = written.get(key);
        if (values.isEmpty() || read.rows.contains(key)) {
          continue;
        }
        boolean allMatch = values.stream().allMatch(value -> matches(read.predicate, value));
        if (allMatch) {
          nils.add(new Nil(read.transaction, read.step, key));
        } else if (values.stream().anyMatch(value -> matches(read.predicate, value))) {
          open.add(new Open(read.transaction, read.step, key, read.predicate));
        }
      }
    }
    return new Resolved(nils, open);
  }
}
