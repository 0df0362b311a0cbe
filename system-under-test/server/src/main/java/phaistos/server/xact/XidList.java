package phaistos.server.xact;

import java.util.Arrays;
import java.util.List;
import phaistos.formats.Xid;

/** Transaction ids in the order in which they were given out. Not thread-safe. */
final class XidList {
  private int[] ids = {};
  private int size;

  int size() {
    return size;
  }

  /** Adds an id that is later than all others. */
  void add(Xid xid) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, Math.max(8, 2 * size));
    }
    ids[size++] = xid.value();
  }

  void addAll(XidList later) {
    for (int i = 0; i < later.size; i++) {
      add(new Xid(later.ids[i]));
    }
  }

  boolean contains(Xid xid) {
    int from = 0;
    int to = size;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (ids[middle] == xid.value()) {
        return true;
      }
      if (Xid.precedes(ids[middle], xid.value())) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return false;
  }

  void clear() {
    size = 0;
  }

  List<Xid> toList() {
    return Arrays.stream(ids, 0, size).mapToObj(Xid::new).toList();
  }
}
