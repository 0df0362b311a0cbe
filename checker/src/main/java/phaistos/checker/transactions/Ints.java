package phaistos.checker.transactions;

import java.util.Arrays;

/** A growing array of ints. Not thread-safe. */
public final class Ints {
  private int[] items;
  private int size;

  public Ints() {
    this(16);
  }

  public Ints(int capacity) {
    items = new int[Math.max(1, capacity)];
  }

  public void add(int item) {
    if (size == items.length) {
      items = Arrays.copyOf(items, grown(size));
    }
    items[size++] = item;
  }

  public int get(int place) {
    return items[place];
  }

  public void set(int place, int item) {
    items[place] = item;
  }

  public int size() {
    return size;
  }

  public int last() {
    return items[size - 1];
  }

  public int pop() {
    return items[--size];
  }

  public void clear() {
    size = 0;
  }

  public int[] toArray() {
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
