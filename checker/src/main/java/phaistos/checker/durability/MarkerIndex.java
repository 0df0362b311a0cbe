package phaistos.checker.durability;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Finds the claim of a marker in a row. Each marker of each claim has a slot, a number from 0 on; a
 * claim's slots are consecutive. Numbers are in an open-addressing table; a million take about 30
 * MB.
 */
final class MarkerIndex {
  private static final int NONE = -1;

  private final int[] firstSlot;
  private final int[] owner;

  /** By entry: a slot, or after the slots another form of a slot's marker. */
  private final int[] nextSame;

  private final int[] moreSlots;
  private final long[] keys;
  private final int[] heads;

  /**
   * A filter of four bits for each place; each number sets one of them by its lower bits. It
   * rejects most other numbers alone, and consecutive numbers are adjacent in it.
   */
  private final long[] filter;

  private static final MarkerForms.Shape[] SHAPES = MarkerForms.Shape.values();

  private final byte[] shapes;
  private final BitSet incomplete = new BitSet();
  private final Map<String, Integer> texts = new HashMap<>();

  /** Markers that are stored without a length word, and decimals; the next with the same bytes. */
  private final Map<String, Integer> fixed = new HashMap<>();

  private final Map<String, Integer> decimals = new HashMap<>();
  private final int[] fixedNext;
  private final BitSet fixedLengths = new BitSet();
  private final BitSet fixedStarts = new BitSet();
  private boolean hasSmallNumbers;
  private final BitSet textLengths = new BitSet();
  private boolean hasNumbers;
  private long least = Long.MAX_VALUE;
  private long greatest = Long.MIN_VALUE;

  private final boolean arePlain;

  MarkerIndex(List<Claim> claims) {
    this(claims, false);
  }

  /**
   * @param arePlain whether each claim's transaction wrote its markers into rows, as they are
   */
  MarkerIndex(List<Claim> claims, boolean arePlain) {
    this.arePlain = arePlain;
    firstSlot = new int[claims.size() + 1];
    for (int i = 0; i < claims.size(); i++) {
      firstSlot[i + 1] = firstSlot[i] + claims.get(i).markers().size();
    }
    int slots = firstSlot[claims.size()];
    owner = new int[slots];
    shapes = new byte[slots];
    List<Integer> more = new ArrayList<>();
    List<MarkerForms> moreForms = new ArrayList<>();
    for (int i = 0; i < claims.size(); i++) {
      int slot = firstSlot[i];
      for (Marker marker : claims.get(i).markers()) {
        owner[slot] = i;
        if (marker instanceof Marker.Text) {
          MarkerForms forms = MarkerForms.of(marker);
          for (int form = 0; form < forms.numbers().size() + forms.texts().size() - 1; form++) {
            more.add(slot);
          }
          moreForms.add(forms);
        }
        slot++;
      }
    }
    moreSlots = more.stream().mapToInt(Integer::intValue).toArray();
    nextSame = new int[slots + moreSlots.length];
    fixedNext = new int[slots];
    int capacity = Integer.highestOneBit(Math.max(8, nextSame.length) * 2 - 1) * 2;
    keys = new long[capacity];
    heads = new int[capacity];
    filter = new long[Math.max(1, capacity / 16)];
    Arrays.fill(heads, NONE);
    int entry = slots;
    int text = 0;
    for (int slot = 0; slot < slots; slot++) {
      int claim = owner[slot];
      switch (claims.get(claim).markers().get(slot - firstSlot[claim])) {
        case Marker.Number number -> {
          addNumber(number.value(), slot);
          shapes[slot] = (byte) shapeOf(number.value()).ordinal();
        }
        case Marker.Text _ -> entry = addText(moreForms.get(text++), slot, entry);
      }
    }
  }

  boolean arePlain() {
    return arePlain;
  }

  private static MarkerForms.Shape shapeOf(long value) {
    return MarkerForms.isDistinctive(value)
        ? MarkerForms.Shape.NUMBER
        : MarkerForms.Shape.SMALL_NUMBER;
  }

  private void addNumber(long value, int entry) {
    int at = place(value);
    filter[word(value)] |= 1L << value;
    keys[at] = value;
    nextSame[entry] = heads[at];
    heads[at] = entry;
    hasNumbers = true;
    hasSmallNumbers |= !MarkerForms.isDistinctive(value);
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }

  /** The first text has the slot itself as its entry, all other forms have their own entries. */
  private int addText(MarkerForms forms, int slot, int firstMore) {
    shapes[slot] = (byte) forms.shape().ordinal();
    incomplete.set(slot, !forms.isComplete());
    addBytes(forms.texts().getFirst(), slot);
    int entry = firstMore;
    for (int i = 1; i < forms.texts().size(); i++) {
      addBytes(forms.texts().get(i), entry++);
    }
    for (long number : forms.numbers()) {
      addNumber(number, entry++);
    }
    if (forms.decimal().isPresent()) {
      Integer same = decimals.put(forms.decimal().get(), slot);
      fixedNext[slot] = same == null ? NONE : same;
    }
    if (forms.fixed().isPresent()) {
      byte[] bytes = forms.fixed().get();
      fixedLengths.set(bytes.length);
      fixedStarts.set(start(bytes, 0));
      Integer same = fixed.put(MarkerForms.key(bytes, 0, bytes.length), slot);
      fixedNext[slot] = same == null ? NONE : same;
    }
    return entry;
  }

  private void addBytes(byte[] bytes, int entry) {
    textLengths.set(bytes.length);
    Integer same = texts.put(MarkerForms.key(bytes, 0, bytes.length), entry);
    nextSame[entry] = same == null ? NONE : same;
  }

  private static int start(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
  }

  /** The marker to which an entry belongs. */
  int slotOf(int entry) {
    return entry < owner.length ? entry : moreSlots[entry - owner.length];
  }

  MarkerForms.Shape shape(int slot) {
    return SHAPES[shapes[slot]];
  }

  /** Whether all types that may store the marker are covered. */
  boolean isComplete(int slot) {
    return !incomplete.get(slot);
  }

  /** Whether a value is distinctive: it does not occur in other columns by chance. */
  boolean isDistinctive(int slot) {
    MarkerForms.Shape shape = shape(slot);
    return shape != MarkerForms.Shape.SMALL_NUMBER && shape != MarkerForms.Shape.TIME;
  }

  boolean hasSmallNumbers() {
    return hasSmallNumbers;
  }

  boolean hasDecimals() {
    return !decimals.isEmpty();
  }

  /** Reports all slots with this decimal number, written without trailing zeros. */
  void decimal(String plain, IntConsumer found) {
    for (int s = decimals.getOrDefault(plain, NONE); s != NONE; s = fixedNext[s]) {
      found.accept(s);
    }
  }

  /** Reports all slots whose marker of fixed length is at {@code bytes[at]}. */
  void fixed(byte[] bytes, int at, int to, IntConsumer found) {
    if (fixed.isEmpty() || at + 2 > to || !fixedStarts.get(start(bytes, at))) {
      return;
    }
    for (int n = fixedLengths.nextSetBit(0);
        n >= 0 && at + n <= to;
        n = fixedLengths.nextSetBit(n + 1)) {
      Integer first = fixed.get(MarkerForms.key(bytes, at, n));
      for (int s = first == null ? NONE : first; s != NONE; s = fixedNext[s]) {
        found.accept(s);
      }
    }
  }

  int claimOf(int entry) {
    return owner[slotOf(entry)];
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

  /** The first entry with this number, or -1. */
  int first(long value) {
    boolean mayBe = (filter[word(value)] >>> value & 1) != 0;
    return mayBe ? heads[place(value)] : NONE;
  }

  /** The next entry with the same number, or -1. */
  int next(int entry) {
    return nextSame[entry];
  }

  /** Reports all slots with the text {@code bytes[from..from + length)}. */
  void text(byte[] bytes, int from, int length, IntConsumer found) {
    if (!textLengths.get(length)) {
      return;
    }
    Integer entry = texts.get(MarkerForms.key(bytes, from, length));
    for (int e = entry == null ? NONE : entry; e != NONE; e = nextSame[e]) {
      found.accept(slotOf(e));
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
