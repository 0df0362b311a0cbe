package phaistos.server.heap;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.record.Heap2Body;
import phaistos.server.errors.PgError;
import phaistos.server.multixact.MultiXact;

/**
 * Which tuples of a table VACUUM freezes, and the oldest id that it leaves
 * (heap_prepare_freeze_tuple). Callers hold the page's lock; used by one VACUUM only.
 */
final class Freezing {
  private final Visibility visibility;
  private final Xid limit;
  private Xid oldestLeft;

  /**
   * @param limit ids before it are frozen
   * @param oldestXmin no row is left with an older id that was not looked at
   */
  Freezing(Visibility visibility, Xid limit, Xid oldestXmin) {
    this.visibility = visibility;
    this.limit = limit;
    this.oldestLeft = oldestXmin;
  }

  Xid limit() {
    return limit;
  }

  /** The oldest id in the headers of the tuples that were looked at: the new relfrozenxid. */
  Xid oldestLeft() {
    return oldestLeft;
  }

  /** The tuples of a page whose headers must change. */
  List<Heap2Body.Frozen> of(HeapPage page) {
    List<Heap2Body.Frozen> frozen = new ArrayList<>();
    for (HeapPage.Line line : page.lines()) {
      if (line.state() == HeapPage.LineState.NORMAL) {
        frozen(page.header(line.offset()), line.offset()).ifPresent(frozen::add);
      }
    }
    return frozen;
  }

  private Optional<Heap2Body.Frozen> frozen(TupleHeader header, int offset) {
    int infomask = header.infomask();
    int infomask2 = header.infomask2();
    Xid xmax = header.xmax();
    if (!header.isFrozen() && header.xmin().isNormal()) {
      if (header.xmin().precedes(limit)) {
        if (!visibility.hasCommitted(header.xmin())) {
          throw corrupted(
              "uncommitted xmin %s from before xid cutoff %s needs to be frozen", header.xmin());
        }
        infomask |= TupleHeader.XMIN_FROZEN;
      } else {
        noteLeft(header.xmin());
      }
    }
    if (header.has(TupleHeader.XMAX_IS_MULTI)) {
      // FreezeMultiXactId: a set whose members have all ended is not needed
      List<MultiXact.Member> lockers = visibility.locking().lockers(header);
      if (lockers.isEmpty()) {
        xmax = Xid.INVALID;
        infomask = infomask & ~TupleHeader.XMAX_BITS | TupleHeader.XMAX_INVALID;
        infomask2 &= ~(TupleHeader.HOT_UPDATED | TupleHeader.KEYS_UPDATED);
      } else {
        lockers.forEach(locker -> noteLeft(locker.xid()));
      }
    } else if (xmax.isNormal()) {
      if (xmax.precedes(limit)) {
        if (!header.has(TupleHeader.XMAX_LOCK_ONLY) && visibility.hasCommitted(xmax)) {
          throw corrupted("cannot freeze committed xmax %s before xid cutoff %s", xmax);
        }
        xmax = Xid.INVALID;
        infomask = infomask & ~TupleHeader.XMAX_BITS | TupleHeader.XMAX_INVALID;
        infomask2 &= ~(TupleHeader.HOT_UPDATED | TupleHeader.KEYS_UPDATED);
      } else {
        noteLeft(xmax);
      }
    }
    return infomask == header.infomask() && xmax.equals(header.xmax())
        ? Optional.empty()
        : Optional.of(new Heap2Body.Frozen(xmax, offset, infomask2, infomask, 0));
  }

  private void noteLeft(Xid xid) {
    oldestLeft = xid.precedes(oldestLeft) ? xid : oldestLeft;
  }

  private PgError corrupted(String message, Xid xid) {
    return PgError.error("XX001", message.formatted(xid, limit));
  }
}
