package phaistos.server.heap;

import java.util.ArrayList;
import java.util.List;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.HeapPage.Line;
import phaistos.formats.heap.HeapPage.LineState;
import phaistos.formats.heap.TupleHeader;

/**
 * The versions of a row on one page that share their index entries (heap_hot_search_buffer): an
 * entry leads to the root, the root to the first version or to where it was, each version to the
 * next. Callers hold the page's lock.
 */
final class Chains {
  private Chains() {}

  /** The offsets of the versions behind a root, the oldest first; empty if there are none left. */
  static List<Integer> versions(HeapPage page, int root) {
    List<Integer> offsets = new ArrayList<>(2);
    int offset = root;
    boolean atStart = true;
    Xid previous = Xid.INVALID;
    while (offset >= 1 && offset <= page.maxOffset() && offsets.size() < HeapPage.MAX_TUPLES) {
      Line line = page.line(offset);
      if (line.state() == LineState.REDIRECT && atStart) {
        offset = line.at();
        atStart = false;
        continue;
      }
      if (line.state() != LineState.NORMAL) {
        break;
      }
      TupleHeader header = page.header(offset);
      boolean foreign = atStart && header.isHeapOnly();
      boolean broken = previous.isValid() && !previous.equals(header.xmin());
      if (foreign || broken) {
        break;
      }
      offsets.add(offset);
      if (!header.leadsOn()) {
        break;
      }
      previous = header.xmax();
      offset = header.ctidOffset();
      atStart = false;
    }
    return offsets;
  }

  /** Whether an index may refer to this line pointer, and there are versions behind it. */
  static boolean isRoot(HeapPage page, Line line) {
    return switch (line.state()) {
      case REDIRECT -> true;
      case NORMAL -> !page.header(line.offset()).isHeapOnly();
      case UNUSED, DEAD -> false;
    };
  }
}
