package phaistos.formats.record;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.RelationLocator;
import phaistos.formats.Text;
import phaistos.formats.Xid;

/** Arrays of structures inside records. */
final class Lists {
  private Lists() {}

  static <T> List<T> read(ByteReader in, int count, Function<ByteReader, T> item) {
    List<T> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(item.apply(in));
    }
    return List.copyOf(list);
  }

  /** Numbers of line pointers. */
  static List<Integer> readOffsets(ByteReader in, int count) {
    return read(in, count, ByteReader::u16);
  }

  /** A count of 32 bits, then the items. */
  static <T> List<T> readCounted(ByteReader in, int itemBytes, Function<ByteReader, T> item) {
    return read(in, in.count(itemBytes), item);
  }

  static void writeXids(ByteWriter out, List<Xid> xids) {
    for (Xid xid : xids) {
      out.xid(xid);
    }
  }

  static void describeXids(Text out, List<Xid> xids) {
    for (Xid xid : xids) {
      out.append(' ').unsigned(xid.value());
    }
  }

  /** Numbers in brackets, as versions from 16 on print arrays. */
  static void describeOffsets(Text out, List<Integer> offsets) {
    out.append('[');
    String separator = "";
    for (int offset : offsets) {
      out.append(separator).append(offset);
      separator = ", ";
    }
    out.append(']');
  }

  static void describeSubxacts(Text out, List<Xid> xids) {
    if (!xids.isEmpty()) {
      describeXids(out.append("; subxacts:"), xids);
    }
  }

  static void describeRelations(
      Text out, String name, List<RelationLocator> relations, Wording wording) {
    if (relations.isEmpty()) {
      return;
    }
    out.append("; ").append(name).append(':');
    for (RelationLocator relation : relations) {
      out.append(' ').append(relation.path(wording.tablespaceVersion()));
    }
  }
}
