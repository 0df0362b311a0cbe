package phaistos.runner.inspect;

import phaistos.formats.FullXid;
import phaistos.formats.Xid;

/**
 * A range of transactions, both ends included. Numbers below 2^32 are 32-bit ids, whose range may
 * cross the wrap-around; larger ones are full ids with an epoch.
 */
record XidRange(long first, long last) {
  /** Reads {@code A..B} or {@code A}. */
  static XidRange parse(String text) {
    int dots = text.indexOf("..");
    long first = number(dots < 0 ? text : text.substring(0, dots), text);
    long last = dots < 0 ? first : number(text.substring(dots + 2), text);
    boolean full = first >= 1L << 32 || last >= 1L << 32;
    if (full && first > last) {
      throw new IllegalArgumentException("\"%s\" goes backwards".formatted(text));
    }
    if (full && last - first >= 1L << 32) {
      throw new IllegalArgumentException("\"%s\" is longer than all ids".formatted(text));
    }
    if (!full && first > last && !Xid.precedes((int) first, (int) last)) {
      throw new IllegalArgumentException(
          "\"%s\" goes backwards (over the wrap-around it would be over 2^31 ids long)"
              .formatted(text));
    }
    return new XidRange(first, last);
  }

  private static long number(String part, String text) {
    try {
      long number = Long.parseLong(part.strip());
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw new IllegalArgumentException(
        "\"%s\" is neither a transaction id nor a range such as 700..800".formatted(text));
  }

  /** The range as full ids; a 32-bit id means the full id nearest to {@code next}. */
  FullXid firstNear(FullXid next) {
    return first >= 1L << 32 ? new FullXid(first) : near(next, first);
  }

  /** The number of ids from first to last. */
  long length() {
    return last >= first ? last - first + 1 : (1L << 32) - first + last + 1;
  }

  private static FullXid near(FullXid next, long id) {
    return next.near(Xid.of(id));
  }
}
