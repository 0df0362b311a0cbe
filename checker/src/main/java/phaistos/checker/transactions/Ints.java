package phaistos.checker.transactions;

import java.util.Arrays;

/** A growing array of ints. Not thread-safe. */
final class Ints {
  private int[] items;
  private int size;

  Ints() {
    this(16);
  }

  Ints(int capacity) {
    items = new int[Math.max(1, capacity)];
  }

  void add(int item) {
    if (size == items.length) {
      items = Arrays.copyOf(items, grown(size));
    }
    items[size++] = item;
  }

  int get(int place) {
    return items[place];
  }

  void set(int place, int item) {
    items[place] = item;
  }

  int size() {
    return size;
  }

  int last() {
    return items[size - 1];
  }

  int pop() {
    return items[--size];
  }

  void clear() {
    size = 0;
  }

  int[] toArray() {
    return size == items.length ? items : Arrays.copyOf(items, size);
  }

  /** The next capacity of a growing array of this size, with half as much again. */
  static int grown(int size) {
    if (size > Integer.MAX_VALUE - 64) {
      throw new IllegalStateException("an array is full: size=" + size);
    }
    return (int) Math.min(Integer.MAX_VALUE - 8L, size + (size >> 1) + 16L);
  }
}
