package phaistos.checker.durability;

import java.util.Optional;
import phaistos.formats.ByteReader;

/**
 * Looks for markers in a row in which {@link RowSearch} found none, by reading the bytes as values
 * of the other types that may hold one: uuid, numeric, jsonb, char(n), int2, float, arrays, ranges,
 * numbers stored as text, and words within longer texts. Without the catalog each place is read as
 * every type. A value in the millions hardly occurs by chance, and small ones count only where
 * others are ({@link MarkerPlaces}).
 */
final class WideSearch {
  /** Pseudo offsets of small numbers within values of no fixed offset. */
  private static final int IN_TEXT = 0xFF01;

  private static final int IN_NUMERIC = 0xFF02;
  private static final int IN_JSON = 0xFF03;
  private static final int IN_ARRAY = 0xFF04;
  private static final int IN_RANGE = 0xFF05;

  private static final int MAX_DECOMPRESSED = 1 << 20;
  private static final int WORD_MIN = 4;

  private final MarkerIndex index;

  WideSearch(MarkerIndex index) {
    this.index = index;
  }

  /** As {@link RowSearch#search}. */
  void search(byte[] bytes, int base, int from, int to, RowSearch.Hits hits) {
    for (int at = from; at < to; at++) {
      index.fixed(bytes, at, to, slot -> hits.found(slot, RowSearch.TEXT));
      if ((at - base & 1) == 0) {
        aligned(bytes, base, at, to, hits);
      }
      int header = bytes[at] & 0xFF;
      if ((header & 1) == 1) {
        int length = (header >> 1) - 1;
        if (length > 0 && at + 1 + length <= to) {
          content(bytes, at + 1, at + 1 + length, hits);
        }
      } else if ((at - base & 3) == 0) {
        longValue(bytes, at, to, hits);
      }
    }
    words(bytes, from, to, hits);
  }

  /** Values of fixed length that are no integers of four or eight bytes. */
  private void aligned(byte[] bytes, int base, int at, int to, RowSearch.Hits hits) {
    int offset = at - base;
    if (at + 2 <= to && index.hasSmallNumbers()) {
      number((short) ByteReader.u16(bytes, at), offset, hits);
    }
    if (!index.hasNumbers()) {
      return;
    }
    if ((offset & 3) == 0 && at + 4 <= to) {
      float value = Float.intBitsToFloat(ByteReader.i32(bytes, at));
      if (value == (int) value && Math.abs(value) >= MarkerForms.DISTINCTIVE) {
        number((long) value, offset, hits);
      }
    }
    if ((offset & 7) == 0 && at + 8 <= to) {
      long raw = ByteReader.i64(bytes, at);
      double value = Double.longBitsToDouble(raw);
      if (value == (long) value && value != 0 && Math.abs(value) < 1L << 53) {
        number((long) value, offset, hits);
      }
      if (raw % 100 == 0) {
        number(raw / 100, offset, hits);
      }
    }
  }

  private void longValue(byte[] bytes, int at, int to, RowSearch.Hits hits) {
    if (at + 4 > to) {
      return;
    }
    int word = ByteReader.i32(bytes, at);
    int end = at + (word >>> 2);
    if (end <= at + 4 || end > to) {
      return;
    }
    if ((word & 3) == 0) {
      content(bytes, at + 4, end, hits);
    } else if ((word & 3) == 2 && end > at + 8) {
      int rawLength = ByteReader.i32(bytes, at + 4) & 0x3FFF_FFFF;
      if (rawLength <= MAX_DECOMPRESSED) {
        Optional<byte[]> value = LongValues.decompress(bytes, at + 4, end, rawLength);
        value.ifPresent(v -> content(v, 0, v.length, hits));
      }
    }
  }

  /** A value's bytes behind its length word. */
  void content(byte[] bytes, int from, int to, RowSearch.Hits hits) {
    int trimmed = to;
    while (trimmed > from && bytes[trimmed - 1] == ' ') {
      trimmed--;
    }
    if (trimmed < to) {
      text(bytes, from, trimmed, IN_TEXT, hits);
    }
    digits(bytes, from, trimmed, IN_TEXT, hits);
    if (index.hasNumbers() || index.hasDecimals()) {
      StoredValues.numeric(bytes, from, to).ifPresent(value -> decimal(value, IN_NUMERIC, hits));
    }
    StoredValues.jsonb(bytes, from, to, value -> any(value, IN_JSON, hits));
    StoredValues.array(bytes, from, to, value -> any(value, IN_ARRAY, hits));
    StoredValues.range(bytes, from, to, value -> any(value, IN_RANGE, hits));
    words(bytes, from, to, hits);
  }

  /** A value that was read from within another. */
  private void any(StoredValues.Value value, int offset, RowSearch.Hits hits) {
    switch (value) {
      case StoredValues.Value.Whole(long number) -> number(number, offset, hits);
      case StoredValues.Value.Decimal(String plain) -> decimal(plain, offset, hits);
      case StoredValues.Value.Bytes(byte[] bytes, int from, int to) -> {
        text(bytes, from, to, offset, hits);
        digits(bytes, from, to, offset, hits);
        index.fixed(bytes, from, to, slot -> hits.found(slot, RowSearch.TEXT));
      }
    }
  }

  private void text(byte[] bytes, int from, int to, int offset, RowSearch.Hits hits) {
    index.text(bytes, from, to - from, slot -> hits.found(slot, place(slot, offset)));
  }

  private void decimal(String plain, int offset, RowSearch.Hits hits) {
    index.decimal(plain, slot -> hits.found(slot, RowSearch.TEXT));
    if (plain.length() <= 19 && plain.indexOf('.') < 0) {
      try {
        number(Long.parseLong(plain), offset, hits);
      } catch (NumberFormatException e) {
        // greater than any int8
      }
    }
  }

  private void number(long value, int offset, RowSearch.Hits hits) {
    for (int entry = index.first(value); entry >= 0; entry = index.next(entry)) {
      int slot = index.slotOf(entry);
      hits.found(slot, place(slot, offset));
    }
  }

  /** A distinctive value counts in any place. */
  private int place(int slot, int offset) {
    return index.isDistinctive(slot) ? RowSearch.TEXT : offset;
  }

  /** A number stored as text. */
  private void digits(byte[] bytes, int from, int to, int offset, RowSearch.Hits hits) {
    int digits = to - from - (to > from && bytes[from] == '-' ? 1 : 0);
    if (!index.hasNumbers() || digits < 1 || digits > 18) {
      return;
    }
    long value = 0;
    for (int at = to - digits; at < to; at++) {
      if (bytes[at] < '0' || bytes[at] > '9') {
        return;
      }
      value = value * 10 + bytes[at] - '0';
    }
    number(digits < to - from ? -value : value, offset, hits);
  }

  /** Whole words within longer text: rows in rows, hstore, xml, json, tsvector, name. */
  private void words(byte[] bytes, int from, int to, RowSearch.Hits hits) {
    int start = from;
    for (int at = from; at <= to; at++) {
      if (at < to && isWordByte(bytes[at])) {
        continue;
      }
      int length = at - start;
      if (length >= WORD_MIN && length < to - from) {
        text(bytes, start, at, RowSearch.TEXT, hits);
        if (length >= 7) {
          digits(bytes, start, at, RowSearch.TEXT, hits);
        }
      }
      start = at + 1;
    }
  }

  private static boolean isWordByte(byte b) {
    return b < 0
        || b >= '0' && b <= ':'
        || b >= '@' && b <= 'Z'
        || b >= 'a' && b <= 'z'
        || b == '_'
        || b == '-'
        || b == '.'
        || b == '/';
  }
}
