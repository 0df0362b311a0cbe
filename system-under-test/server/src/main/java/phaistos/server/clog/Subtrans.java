package phaistos.server.clog;

import java.nio.ByteBuffer;
import phaistos.formats.Xid;
import phaistos.server.errors.PgError;
import phaistos.server.slru.Slru;
import phaistos.server.slru.SlruOptions;
import phaistos.server.slru.SlruStatistics;

/**
 * The parent of each subtransaction (subtrans.c), in an SLRU: four bytes for each transaction id.
 * It serves snapshots that could not list all subtransactions. Nothing of it survives a crash: a
 * start begins with pages of zeroes, so its pages are neither logged nor synced. Thread-safe.
 */
public final class Subtrans {
  private static final int XACTS_PER_PAGE = Slru.PAGE_BYTES / Integer.BYTES;
  private static final int MAX_PAGE = (int) (0x1_0000_0000L / XACTS_PER_PAGE) - 1;

  /** NUM_SUBTRANS_BUFFERS. */
  private static final int BUFFERS = 32;

  /** The SLRU that it needs. */
  public static final SlruOptions SLRU =
      new SlruOptions(
          SlruStatistics.SUBTRANS,
          "pg_subtrans",
          BUFFERS,
          0,
          MAX_PAGE,
          false,
          Subtrans::pagePrecedes);

  private final Slru slru;

  public Subtrans(Slru slru) {
    this.slru = slru;
  }

  /** TransactionIdToPage of subtrans.c. */
  private static int page(Xid xid) {
    return Integer.divideUnsigned(xid.value(), XACTS_PER_PAGE);
  }

  /** TransactionIdToEntry. */
  private static int entry(Xid xid) {
    return Integer.remainderUnsigned(xid.value(), XACTS_PER_PAGE) * Integer.BYTES;
  }

  /** SubTransPagePrecedes. */
  static boolean pagePrecedes(int page, int other) {
    Xid first = new Xid(page * XACTS_PER_PAGE + Xid.FIRST_NORMAL.value());
    Xid second = new Xid(other * XACTS_PER_PAGE + Xid.FIRST_NORMAL.value());
    return first.precedes(second) && first.precedes(new Xid(second.value() + XACTS_PER_PAGE - 1));
  }

  /** SubTransSetParent. */
  public void setParent(Xid xid, Xid parent) {
    if (!parent.precedes(xid)) {
      throw new IllegalArgumentException("xid=%s, parent=%s".formatted(xid, parent));
    }
    slru.change(
        page(xid),
        xid,
        page -> ByteBuffer.wrap(page.bytes()).order(LITTLE).putInt(entry(xid), parent.value()));
  }

  private static final java.nio.ByteOrder LITTLE = java.nio.ByteOrder.LITTLE_ENDIAN;

  /** The parent, or an invalid id of a transaction that has none (SubTransGetParent). */
  public Xid getParent(Xid xid) {
    if (!xid.isNormal()) {
      return Xid.INVALID;
    }
    return new Xid(
        slru.read(
            page(xid),
            xid,
            page -> ByteBuffer.wrap(page.bytes()).order(LITTLE).getInt(entry(xid))));
  }

  /**
   * The top-level transaction of {@code xid}, or the first of its parents before {@code xmin}
   * (SubTransGetTopmostTransaction).
   */
  public Xid getTopmost(Xid xid, Xid xmin) {
    Xid topmost = xid;
    while (true) {
      Xid parent = topmost.precedes(xmin) ? Xid.INVALID : getParent(topmost);
      if (!parent.isValid()) {
        return topmost;
      }
      if (!parent.precedes(topmost)) {
        throw PgError.error(
            "XX000",
            "pg_subtrans contains invalid entry: xid %s points to parent xid %s"
                .formatted(topmost, parent));
      }
      topmost = parent;
    }
  }

  /** Makes the pages of the ids that run or come next (StartupSUBTRANS). */
  public void startup(Xid oldestActive, Xid next) {
    // From beyond the end the way would lead around the whole space of ids.
    Xid first = next.precedes(oldestActive) ? next : oldestActive;
    for (int page = page(first); ; page = page == MAX_PAGE ? 0 : page + 1) {
      slru.zeroPage(page);
      if (page == page(next)) {
        return;
      }
    }
  }

  /** Makes the page that begins with this new id, if one does (ExtendSUBTRANS). */
  public void extend(Xid newest) {
    if (entry(newest) == 0 || newest.equals(Xid.FIRST_NORMAL)) {
      slru.zeroPage(page(newest));
    }
  }

  /** The same for the ids after {@code last} up to {@code next}, which a record tells of. */
  public void extend(Xid last, Xid next) {
    for (int page = page(last); page != page(next); ) {
      page = page == MAX_PAGE ? 0 : page + 1;
      slru.zeroPage(page);
    }
  }

  /** Forgets ids that no snapshot can ask for (TruncateSUBTRANS). */
  public void truncate(Xid oldest) {
    // the page of the id before, lest a page that is not made yet be taken for the oldest in use
    slru.truncate(page(oldest.previous()));
  }

  /** Writes dirty pages to make room, not for durability (CheckPointSUBTRANS). */
  public void checkPoint() {
    slru.flush();
  }
}
