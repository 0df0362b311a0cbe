package phaistos.checker.linearizability;

import java.util.Arrays;

/** Numbers, one after the other. Not thread-safe. */
final class Ints {
  private int[] items = new int[16];
  private int size;

  void add(int item) {
    if (size == items.length) {
      items = Arrays.copyOf(items, size * 2);
    }
    items[size++] = item;
  }

  int size() {
    return size;
  }

  int get(int place) {
    return items[place];
  }

  int[] toArray() {
    return Arrays.copyOf(items, size);
  }
}
