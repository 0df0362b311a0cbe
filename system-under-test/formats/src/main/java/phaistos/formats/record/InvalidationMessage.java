package phaistos.formats.record;

import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.Text;

/**
 * A message to the caches of other backends (storage/sinval.h, 16 bytes): the kind in the lowest
 * byte, padding, database, and fields of the kind. The two halves are kept unchanged.
 */
public record InvalidationMessage(long low, long high) {
  public static final int BYTES = 16;

  static final int CATALOG = -1;
  static final int RELCACHE = -2;
  static final int SMGR = -3;
  static final int RELMAP = -4;
  static final int SNAPSHOT = -5;

  /** From version 18 on. */
  static final int RELSYNC = -6;

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

  void describe(Text out) {
    int id = id();
    if (id >= 0) {
      out.append(" catcache ").append(id);
      return;
    }
    switch (id) {
      case CATALOG -> out.append(" catalog ").unsigned(relation());
      case RELCACHE -> out.append(" relcache ").unsigned(relation());
      case SMGR -> out.append(" smgr");
      case RELMAP -> out.append(" relmap db ").unsigned(database());
      case RELSYNC -> out.append(" relsync ").unsigned(relation());
      case SNAPSHOT -> out.append(" snapshot ").unsigned(relation());
      default -> out.append(" unrecognized id ").append(id);
    }
  }

  /** The list as three resource managers print it; nothing for an empty one. */
  static void describeAll(
      Text out,
      java.util.List<InvalidationMessage> messages,
      int database,
      int space,
      boolean initFile) {
    if (messages.isEmpty()) {
      return;
    }
    if (initFile) {
      out.append("; relcache init file inval dbid ").unsigned(database);
      out.append(" tsid ").unsigned(space);
    }
    out.append("; inval msgs:");
    for (InvalidationMessage message : messages) {
      message.describe(out);
    }
  }
}
