package phaistos.formats.record;

import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.Unsigned;

/**
 * A message to the caches of other backends (storage/sinval.h, 16 bytes): the kind in the lowest
 * byte, padding, database, and what the kind needs. The two halves are kept as they are.
 */
public record InvalidationMessage(long low, long high) {
  public static final int BYTES = 16;

  static final int CATALOG = -1;
  static final int RELCACHE = -2;
  static final int SMGR = -3;
  static final int RELMAP = -4;
  static final int SNAPSHOT = -5;

  /** A catalog cache's number, or one of the negative kinds. */
  public int id() {
    return (byte) low;
  }

  public int database() {
    return (int) (low >>> 32);
  }

  /** The relation or catalog of kinds relcache, catalog and snapshot. */
  public int relation() {
    return (int) high;
  }

  public static InvalidationMessage read(ByteReader in) {
    return new InvalidationMessage(in.i64(), in.i64());
  }

  public void write(ByteWriter out) {
    out.i64(low).i64(high);
  }

  void describe(StringBuilder out) {
    int id = id();
    if (id >= 0) {
      out.append(" catcache ").append(id);
      return;
    }
    switch (id) {
      case CATALOG -> Unsigned.append(out.append(" catalog "), relation());
      case RELCACHE -> Unsigned.append(out.append(" relcache "), relation());
      case SMGR -> out.append(" smgr");
      case RELMAP -> Unsigned.append(out.append(" relmap db "), database());
      case SNAPSHOT -> Unsigned.append(out.append(" snapshot "), relation());
      default -> out.append(" unrecognized id ").append(id);
    }
  }

  /** The list as three resource managers print it; nothing for an empty one. */
  static void describeAll(
      StringBuilder out,
      java.util.List<InvalidationMessage> messages,
      int database,
      int space,
      boolean initFile) {
    if (messages.isEmpty()) {
      return;
    }
    if (initFile) {
      Unsigned.append(out.append("; relcache init file inval dbid "), database);
      Unsigned.append(out.append(" tsid "), space);
    }
    out.append("; inval msgs:");
    for (InvalidationMessage message : messages) {
      message.describe(out);
    }
  }
}
