package phaistos.server.xact;

import java.util.ArrayList;
import java.util.List;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;

/**
 * One level of a transaction (TransactionStateData of xact.c): the transaction itself, or a
 * savepoint with what was done since. Used by its session's task only.
 */
final class Subtransaction {
  final String name;
  Xid xid = Xid.INVALID;

  /** Released subtransactions of this level, with theirs. */
  final XidList children = new XidList();

  /** Files that go if this level aborts. */
  final List<RelationLocator> created = new ArrayList<>();

  /** Files that go if the transaction commits with this level. */
  final List<RelationLocator> dropped = new ArrayList<>();

  /** Table locks that go if this level aborts. */
  final List<TableLock> locks = new ArrayList<>();

  record TableLock(int table, TableLockMode mode) {}

  /** What must be done before this level aborts. */
  final List<BeforeAbort> beforeAbort = new ArrayList<>();

  /**
   * An act that brings back a row lock which a change of this level has overwritten.
   *
   * @param locker the level that holds the lock
   */
  record BeforeAbort(Xid locker, Runnable act) {}

  /** It has failed; only a rollback ends it. */
  boolean aborted;

  /** Whether the transaction was read-only before this level, and is so behind it. */
  final boolean readOnlyBefore;

  Subtransaction(String name, boolean readOnlyBefore) {
    this.name = name;
    this.readOnlyBefore = readOnlyBefore;
  }

  boolean owns(Xid other) {
    return xid.equals(other) || children.contains(other);
  }

  /** Takes over what a level inside this one has done (AtSubCommit_childXids). */
  void absorb(Subtransaction inner) {
    // a lock of this level and the change that took its place now end together
    inner.beforeAbort.stream().filter(act -> !owns(act.locker)).forEach(beforeAbort::add);
    if (inner.xid.isValid()) {
      children.add(inner.xid);
      children.addAll(inner.children);
    }
    created.addAll(inner.created);
    dropped.addAll(inner.dropped);
    locks.addAll(inner.locks);
  }
}
