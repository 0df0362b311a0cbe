package phaistos.server.heap;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.formats.Xid;
import phaistos.formats.heap.TupleHeader;
import phaistos.server.multixact.LockMode;
import phaistos.server.multixact.MultiXact;
import phaistos.server.multixact.MultiXact.Member;
import phaistos.server.xact.ProcArray;
import phaistos.server.xact.Transaction;

/**
 * Who locks a row version, and how a lock is added (compute_new_xmax_infomask). One locker is the
 * xmax itself; several are a multixact. Updates and deletes count as exclusive locks, so that a
 * multixact never holds one. Callers hold the page's lock. Thread-safe.
 */
final class RowLocking {
  private final ProcArray procArray;
  private final MultiXact multiXact;

  RowLocking(ProcArray procArray, MultiXact multiXact) {
    this.procArray = procArray;
    this.multiXact = multiXact;
  }

  /** The infomask of a lock, of one transaction or of the strongest of a multixact. */
  private static int bits(LockMode mode) {
    return switch (mode) {
      case KEY_SHARE -> TupleHeader.XMAX_KEYSHR_LOCK;
      case SHARE -> TupleHeader.XMAX_KEYSHR_LOCK | TupleHeader.XMAX_EXCL_LOCK;
      case NO_KEY_EXCLUSIVE, EXCLUSIVE -> TupleHeader.XMAX_EXCL_LOCK;
    };
  }

  /** The lock that one transaction holds as xmax. */
  private static LockMode modeOf(TupleHeader header) {
    boolean shared = header.has(TupleHeader.XMAX_KEYSHR_LOCK);
    boolean exclusive = header.has(TupleHeader.XMAX_EXCL_LOCK);
    if (shared) {
      return exclusive ? LockMode.SHARE : LockMode.KEY_SHARE;
    }
    return (header.infomask2() & TupleHeader.KEYS_UPDATED) != 0
        ? LockMode.EXCLUSIVE
        : LockMode.NO_KEY_EXCLUSIVE;
  }

  /** The transactions that lock this version now and have not changed it; own ones too. */
  List<Member> lockers(TupleHeader header) {
    if (header.has(TupleHeader.XMAX_INVALID) || !header.has(TupleHeader.XMAX_LOCK_ONLY)) {
      return List.of();
    }
    if (header.has(TupleHeader.XMAX_IS_MULTI)) {
      return multiXact.running(header.xmax());
    }
    return procArray.isInProgress(header.xmax())
        ? List.of(new Member(header.xmax(), modeOf(header)))
        : List.of();
  }

  /** Another transaction whose lock forbids one of this mode. */
  Optional<Xid> conflict(TupleHeader header, LockMode wanted, Transaction own) {
    return lockers(header).stream()
        .filter(member -> !own.isCurrent(member.xid()) && member.mode().conflictsWith(wanted))
        .map(Member::xid)
        .findFirst();
  }

  /** Whether the transaction holds a lock at least as strong already. */
  boolean isHeld(TupleHeader header, LockMode wanted, Transaction own) {
    return lockers(header).stream()
        .anyMatch(member -> own.isCurrent(member.xid()) && member.mode().compareTo(wanted) >= 0);
  }

  /** The header with one more locker; nobody holds a lock that conflicts. */
  TupleHeader locked(TupleHeader header, Tid tid, Xid xid, LockMode mode) {
    List<Member> members = new ArrayList<>(lockers(header));
    // a stronger lock of the same transaction takes the place of its weaker one
    members.removeIf(member -> member.xid().equals(xid) && member.mode().compareTo(mode) <= 0);
    members.add(new Member(xid, mode));
    LockMode strongest = members.stream().map(Member::mode).max(LockMode::compareTo).orElseThrow();
    boolean several = members.size() > 1;
    int infomask =
        header.infomask() & ~TupleHeader.XMAX_BITS
            | TupleHeader.XMAX_LOCK_ONLY
            | (several ? TupleHeader.XMAX_IS_MULTI : 0)
            | bits(strongest);
    int infomask2 =
        header.infomask2() & ~(TupleHeader.HOT_UPDATED | TupleHeader.KEYS_UPDATED)
            | (strongest == LockMode.EXCLUSIVE ? TupleHeader.KEYS_UPDATED : 0);
    return new TupleHeader(
        header.xmin(),
        several ? multiXact.create(xid, members) : xid,
        header.command(),
        tid.block(),
        tid.offset(),
        infomask2,
        infomask,
        header.headerBytes());
  }

  /** The record's bits for such a header (compute_infobits). */
  static int recordBits(TupleHeader header) {
    return (header.has(TupleHeader.XMAX_IS_MULTI) ? 0x01 : 0)
        | (header.has(TupleHeader.XMAX_LOCK_ONLY) ? 0x02 : 0)
        | (header.has(TupleHeader.XMAX_EXCL_LOCK) ? 0x04 : 0)
        | (header.has(TupleHeader.XMAX_KEYSHR_LOCK) ? 0x08 : 0)
        | ((header.infomask2() & TupleHeader.KEYS_UPDATED) != 0 ? 0x10 : 0);
  }
}
