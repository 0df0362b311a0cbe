package phaistos.checker.durability;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Finds the claim to which a marker in a row belongs. Each marker of each claim has a slot, a
 * number from 0 on; the slots of a claim follow each other. Numbers are kept in open addressing, so
 * that a million of them take about 30 MB.
 */
final class MarkerIndex {
  private static final int NONE = -1;

  private final int[] firstSlot;
  private final int[] owner;
  private final int[] nextSame;
  private final long[] keys;
  private final int[] heads;

  /**
   * Four bits for each place, one of them set for each number, by the number's lower bits: most
   * others are told by it alone, and numbers that follow each other stand together.
   */
  private final long[] filter;

  private final Map<String, Integer> texts = new HashMap<>();
  private final BitSet textLengths = new BitSet();
  private boolean hasNumbers;
  private long least = Long.MAX_VALUE;
  private long greatest = Long.MIN_VALUE;

  MarkerIndex(List<Claim> claims) {
    firstSlot = new int[claims.size() + 1];
    for (int i = 0; i < claims.size(); i++) {
      firstSlot[i + 1] = firstSlot[i] + claims.get(i).markers().size();
    }
    int slots = firstSlot[claims.size()];
    owner = new int[slots];
    nextSame = new int[slots];
    int capacity = Integer.highestOneBit(Math.max(8, slots) * 2 - 1) * 2;
    keys = new long[capacity];
    heads = new int[capacity];
    filter = new long[Math.max(1, capacity / 16)];
    Arrays.fill(heads, NONE);
    for (int i = 0; i < claims.size(); i++) {
      int slot = firstSlot[i];
      for (Marker marker : claims.get(i).markers()) {
        owner[slot] = i;
        add(marker, slot++);
      }
    }
  }

  private void add(Marker marker, int slot) {
    switch (marker) {
      case Marker.Number number -> {
        int at = place(number.value());
        filter[word(number.value())] |= 1L << number.value();
        keys[at] = number.value();
        nextSame[slot] = heads[at];
        heads[at] = slot;
        hasNumbers = true;
        least = Math.min(least, number.value());
        greatest = Math.max(greatest, number.value());
      }
      case Marker.Text text -> {
        byte[] bytes = text.bytes();
        textLengths.set(bytes.length);
        Integer same = texts.put(new String(bytes, StandardCharsets.ISO_8859_1), slot);
        nextSame[slot] = same == null ? NONE : same;
      }
    }
  }

  int claimOf(int slot) {
    return owner[slot];
  }

  /** The first slot of a claim; that of the next claim is the end of its slots. */
  int firstSlot(int claim) {
    return firstSlot[claim];
  }

  boolean hasNumbers() {
    return hasNumbers;
  }

  boolean hasTexts() {
    return !texts.isEmpty();
  }

  boolean hasTextOfLength(int length) {
    return length >= 0 && textLengths.get(length);
  }

  /** Bytes of the longest text; 0 without texts. */
  int longestText() {
    return Math.max(0, textLengths.length() - 1);
  }

  /** No number is less than this, where there are numbers. */
  long least() {
    return least;
  }

  /** No number is greater. */
  long greatest() {
    return greatest;
  }

  /** The first slot with this number, or -1. */
  int first(long value) {
    boolean mayBe = (filter[word(value)] >>> value & 1) != 0;
    return mayBe ? heads[place(value)] : NONE;
  }

  /** The next slot with the same number, or -1. */
  int next(int slot) {
    return nextSame[slot];
  }

  /** Tells all slots with the text {@code bytes[from..from + length)}. */
  void text(byte[] bytes, int from, int length, IntConsumer found) {
    if (!textLengths.get(length)) {
      return;
    }
    Integer slot = texts.get(new String(bytes, from, length, StandardCharsets.ISO_8859_1));
    for (int s = slot == null ? NONE : slot; s != NONE; s = nextSame[s]) {
      found.accept(s);
    }
  }

  private int word(long value) {
    return (int) (value >>> 6) & filter.length - 1;
  }

  /** Where the key is, or the free place where it belongs. */
  private int place(long key) {
    long mixed = key * 0x9E37_79B9_7F4A_7C15L;
    int at = (int) (mixed >>> 32) & keys.length - 1;
    while (heads[at] != NONE && keys[at] != key) {
      at = at + 1 & keys.length - 1;
    }
    return at;
  }
}
