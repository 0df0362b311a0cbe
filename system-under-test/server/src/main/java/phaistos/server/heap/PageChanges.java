package phaistos.server.heap;

import phaistos.formats.FormatException;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.Heap2Body;

/**
 * What maintenance does to a page, the same when it is done and when it is replayed. Callers hold
 * the page's lock.
 */
public final class PageChanges {
  private PageChanges() {}

  /** Line pointers become redirected, dead or unused (heap_page_prune_execute). */
  public static void prune(HeapPage page, Heap2Body.Prune prune) {
    Heap2Body.Pruned pruned =
        prune.offsets().orElseThrow(() -> new FormatException("PRUNE has no offsets"));
    pruned.redirects().forEach(redirect -> page.setRedirect(redirect.from(), redirect.to()));
    pruned.dead().forEach(page::setDead);
    pruned.unused().forEach(page::setUnused);
    page.repairFragmentation();
  }

  /** Dead line pointers become unused (lazy_vacuum_heap_page). */
  public static void vacuum(HeapPage page, Heap2Body.Vacuum vacuum) {
    vacuum.offsets().forEach(page::setUnused);
    page.truncateLines();
  }

  /** Old ids leave the headers of tuples (heap_execute_freeze_tuple). */
  public static void freeze(HeapPage page, Heap2Body.FreezePage freeze) {
    for (Heap2Body.Frozen frozen : freeze.frozen()) {
      TupleHeader header = page.header(frozen.offset());
      page.setHeader(
          frozen.offset(),
          new TupleHeader(
              header.xmin(),
              frozen.xmax(),
              header.command(),
              header.ctidBlock(),
              header.ctidOffset(),
              frozen.infomask2(),
              frozen.infomask(),
              header.headerBytes()));
    }
  }

  /**
   * The bytes of a tuple after its header are overwritten (heap_inplace_update).
   *
   * @throws FormatException if there are not as many as before
   */
  public static void overwrite(HeapPage page, int offset, byte[] bytes) {
    TupleHeader header = page.header(offset);
    int length = page.line(offset).length() - header.headerBytes();
    if (bytes.length != length) {
      throw new FormatException(
          "a tuple with %d bytes is overwritten by %d".formatted(length, bytes.length));
    }
    page.overwrite(offset, header.headerBytes(), bytes);
  }
}
