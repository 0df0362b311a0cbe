package phaistos.checker.durability;

import java.util.Optional;
import phaistos.formats.ByteReader;

/**
 * Looks for markers in the bytes of a row, without the catalog: an int4 at a multiple of four, an
 * int8 at a multiple of eight, a text behind its length (a varlena header of one byte, or of four
 * at a multiple of four), also a text that was compressed or moved out of line.
 */
final class RowSearch {
  /** Told of each marker found, with its offset in the row, or {@link #TEXT}. */
  interface Hits {
    void found(int slot, int offset);
  }

  /** The offset of every text: the columns before it may have any length. */
  static final int TEXT = 0xFFFF;

  private final MarkerIndex index;
  private final MarkerColumn column;
  private final WideSearch wide;

  /** The greatest marker minus the least. */
  private final long span;

  private final long least;

  RowSearch(MarkerIndex index, MarkerColumn column) {
    this.index = index;
    this.column = column;
    this.wide = new WideSearch(index);
    this.least = index.least();
    this.span = index.greatest() - least;
  }

  /**
   * Reports all markers in a row, or in its known part.
   *
   * @param bytes hold the known columns from {@code from} to {@code to}
   * @param base where the row's first column would begin, the origin of alignment; at most {@code
   *     from}, and negative if the bytes hold only the row's end
   * @param moved the values that the transaction moved out of line
   * @return false if a text that may be a marker is out of line and was not found
   */
  boolean search(byte[] bytes, int base, int from, int to, LongValues moved, Hits hits) {
    boolean seen = true;
    int last = last(base, to);
    if (index.hasNumbers()) {
      numbers(bytes, base, from, to, last, hits);
    }
    if (index.hasTexts()) {
      for (int at = from; at < last; at++) {
        if (leadsToText(bytes, at, to)) {
          Optional<byte[]> value = moved.follow(bytes, at);
          value.ifPresent(v -> index.text(v, 0, v.length, slot -> hits.found(slot, TEXT)));
          seen &= value.isPresent();
        }
        text(bytes, base, at, to, hits);
      }
    }
    return seen;
  }

  /**
   * Looks in all other ways after {@link #search} found nothing; for {@link MarkerColumn} ANY only.
   */
  void searchWidely(byte[] bytes, int base, int from, int to, Hits hits) {
    if (column == MarkerColumn.ANY) {
      wide.search(bytes, base, from, to, hits);
    }
  }

  /** Reports the markers in a text outside of a row. */
  void content(byte[] bytes, Hits hits) {
    index.text(bytes, 0, bytes.length, slot -> hits.found(slot, TEXT));
    wide.content(bytes, 0, bytes.length, hits);
  }

  private void numbers(byte[] bytes, int base, int from, int to, int last, Hits hits) {
    int at = from + (-(from - base) & 3);
    if ((at - base & 7) != 0) {
      small(bytes, base, at, to, last, hits);
      at += 4;
    }
    for (; at < last && at + 8 <= to; at += 8) {
      long wide = ByteReader.i64(bytes, at);
      int low = (int) wide;
      number(low, at - base, hits);
      if (wide != low) {
        number(wide, at - base, hits);
      }
      if (at + 4 < last) {
        number((int) (wide >>> 32), at + 4 - base, hits);
      }
    }
    small(bytes, base, at, to, last, hits);
  }

  private void small(byte[] bytes, int base, int at, int to, int last, Hits hits) {
    if (at < last && at + 4 <= to) {
      number(ByteReader.i32(bytes, at), at - base, hits);
    }
  }

  /** Whether a text that may be a marker is out of line. */
  boolean hasPointer(byte[] bytes, int base, int from, int to) {
    int last = last(base, to);
    for (int at = from; at < last; at++) {
      if (leadsToText(bytes, at, to)) {
        return true;
      }
    }
    return false;
  }

  private boolean leadsToText(byte[] bytes, int at, int to) {
    return LongValues.isPointer(bytes, at, to)
        && index.hasTextOfLength(LongValues.rawLength(bytes, at));
  }

  /** The end of the searched bytes. */
  private int last(int base, int to) {
    return column == MarkerColumn.FIRST ? Math.min(to, base + 1) : to;
  }

  private void number(long value, int offset, Hits hits) {
    if (Long.compareUnsigned(value - least, span) > 0) {
      return;
    }
    for (int slot = index.first(value); slot >= 0; slot = index.next(slot)) {
      hits.found(index.slotOf(slot), offset);
    }
  }

  /**
   * Header bytes on little-endian machines: xxxxxxx1 short, xxxxxx00 long, xxxxxx10 long and
   * compressed.
   */
  private void text(byte[] bytes, int base, int at, int to, Hits hits) {
    int header = bytes[at] & 0xFF;
    if ((header & 1) == 1) {
      int length = (header >> 1) - 1;
      if (length >= 0 && at + 1 + length <= to) {
        index.text(bytes, at + 1, length, slot -> hits.found(slot, TEXT));
      }
    } else if ((header & 3) == 0 && (at - base & 3) == 0 && at + 4 <= to) {
      int length = (ByteReader.i32(bytes, at) >>> 2) - 4;
      if (length >= 0 && at + 4 + length <= to) {
        index.text(bytes, at + 4, length, slot -> hits.found(slot, TEXT));
      }
    } else if ((header & 3) == 2 && (at - base & 3) == 0 && at + 8 <= to) {
      int end = at + (ByteReader.i32(bytes, at) >>> 2);
      int rawLength = ByteReader.i32(bytes, at + 4) & 0x3FFF_FFFF;
      if (end > at + 8 && end <= to && index.hasTextOfLength(rawLength)) {
        LongValues.decompress(bytes, at + 4, end, rawLength)
            .ifPresent(v -> index.text(v, 0, v.length, slot -> hits.found(slot, TEXT)));
      }
    }
  }
}
