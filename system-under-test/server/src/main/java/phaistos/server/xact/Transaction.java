package phaistos.server.xact;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.formats.FullXid;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.server.errors.PgError;

/**
 * A session's transaction: its ids, snapshot, command counter, and the actions at its end. An id is
 * assigned at the first write. Used by its session's task only.
 */
public final class Transaction {
  private static final long MAX_COMMANDS = 0xFFFF_FFFEL;

  private final Proc proc;
  private final ProcArray procArray;
  private final TransactionIds ids;
  private boolean repeatableRead;
  private boolean readOnly;
  private FullXid xid = new FullXid(0);
  private long command;
  private Optional<Snapshot> snapshot = Optional.empty();
  private boolean inStatement;
  private boolean queried;
  private boolean wroteWal;
  private boolean changedCatalog;
  private boolean commitRecorded;

  /** Subtransactions that no ASSIGNMENT record has named yet. */
  private final XidList unreported = new XidList();

  /** The transaction itself first, then its open savepoints. */
  private final List<Subtransaction> levels =
      new ArrayList<>(List.of(new Subtransaction("", false)));

  private final List<int[]> combinations = new ArrayList<>();
  private final Map<Long, Integer> combined = new HashMap<>();

  Transaction(Proc proc, TransactionIds ids, boolean repeatableRead, boolean readOnly) {
    this.proc = proc;
    this.procArray = ids.procArray();
    this.ids = ids;
    this.repeatableRead = repeatableRead;
    this.readOnly = readOnly;
  }

  public Proc proc() {
    return proc;
  }

  public boolean isRepeatableRead() {
    return repeatableRead;
  }

  /** Before its first snapshot. */
  public void repeatableRead(boolean repeatable) {
    repeatableRead = repeatable;
  }

  public boolean isReadOnly() {
    return readOnly;
  }

  public void readOnly(boolean only) {
    readOnly = only;
  }

  public boolean hasXid() {
    return xid.value() != 0;
  }

  /** A query begins: from now on the isolation stays (FirstSnapshotSet). */
  public void beginQuery() {
    queried = true;
  }

  public boolean hasQueried() {
    return queried;
  }

  /** The top-level id, assigned now if need be. */
  public FullXid topXid() {
    if (!hasXid()) {
      xid = ids.assign(proc);
      levels.getFirst().xid = xid.xid();
    }
    return xid;
  }

  /**
   * The id for writes: the innermost subtransaction's. Levels get their ids at the first write, the
   * outer ones first, so that a parent's is older than its child's (AssignTransactionId).
   */
  public Xid currentXid() {
    Xid parent = topXid().xid();
    for (Subtransaction level : levels) {
      if (!level.xid.isValid()) {
        level.xid = ids.assign(proc, parent);
        unreported.add(level.xid);
        if (unreported.size() >= Proc.MAX_CACHED_SUBXIDS) {
          ids.logAssignment(levels.getLast().xid, xid.xid(), unreported.toList());
          unreported.clear();
        }
      }
      parent = level.xid;
    }
    return parent;
  }

  /**
   * Whether a tuple's transaction is this one or one of its subtransactions that have not aborted
   * (TransactionIdIsCurrentTransactionId).
   */
  public boolean isCurrent(Xid other) {
    if (!hasXid() || !other.isValid()) {
      return false;
    }
    for (int i = levels.size() - 1; i >= 0; i--) {
      if (!levels.get(i).aborted && levels.get(i).owns(other)) {
        return true;
      }
    }
    return false;
  }

  /** The snapshot of the statement that runs; of the whole transaction if repeatable read. */
  public Snapshot statementSnapshot() {
    if (snapshot.isEmpty() || !repeatableRead && !inStatement) {
      snapshot = Optional.of(procArray.snapshot(proc));
      inStatement = true;
    }
    return snapshot.orElseThrow();
  }

  /** A statement ends; under read committed nothing is held back for the next one. */
  public void endStatement() {
    inStatement = false;
    if (!repeatableRead) {
      procArray.held().release(proc);
    }
  }

  /** A snapshot that sees everything committed by now, whatever the isolation. */
  public Snapshot latestSnapshot() {
    return procArray.snapshot(proc);
  }

  public int command() {
    return (int) command;
  }

  /** What the statement did becomes visible to the next one. */
  public void nextCommand() {
    if (++command >= MAX_COMMANDS) {
      throw PgError.error("54000", "cannot have more than 2^32-2 commands in a transaction");
    }
  }

  /** The combo command id of a tuple that this transaction inserted and deleted. */
  public int combine(int inserting, int deleting) {
    long pair = (long) inserting << 32 | deleting & 0xFFFF_FFFFL;
    Integer known = combined.putIfAbsent(pair, combinations.size());
    if (known != null) {
      return known;
    }
    combinations.add(new int[] {inserting, deleting});
    return combinations.size() - 1;
  }

  public int insertingCommand(int combination) {
    return combinations.get(combination)[0];
  }

  public int deletingCommand(int combination) {
    return combinations.get(combination)[1];
  }

  /** The transaction has logged more than its outcome, so its commit must be durable. */
  public void wroteWal() {
    wroteWal = true;
  }

  boolean hasWrittenWal() {
    return wroteWal;
  }

  /** Its commit record is about to be inserted: from now on it cannot abort. */
  void commitRecorded() {
    commitRecorded = true;
  }

  boolean isCommitRecorded() {
    return commitRecorded;
  }

  public void changedCatalog() {
    changedCatalog = true;
  }

  public boolean hasChangedCatalog() {
    return changedCatalog;
  }

  /**
   * Locks a table until the transaction, or the savepoint that does it, has ended; waits if need
   * be.
   *
   * @return whether it was not locked in this mode before, so that it may just have changed
   * @throws PgError 40P01 on a deadlock, 57014 if the wait is cancelled, 55P03 after lock_timeout
   */
  public boolean lockTable(int table, TableLockMode mode) {
    if (TableLocks.isHeld(proc, table, mode)) {
      return false;
    }
    procArray.tableLocks().lock(proc, table, mode);
    levels.getLast().locks.add(new Subtransaction.TableLock(table, mode));
    return true;
  }

  /** The same without waiting; returns false if others are in the way. */
  public boolean tryLockTable(int table, TableLockMode mode) {
    if (TableLocks.isHeld(proc, table, mode)) {
      return true;
    }
    boolean locked = procArray.tableLocks().tryLock(proc, table, mode);
    if (locked) {
      levels.getLast().locks.add(new Subtransaction.TableLock(table, mode));
    }
    return locked;
  }

  /** Gives up a lock before the transaction's end. */
  public void unlockTable(int table, TableLockMode mode) {
    procArray.tableLocks().release(proc, table, mode);
    levels.getLast().locks.remove(new Subtransaction.TableLock(table, mode));
  }

  /** A file that must go if the transaction aborts. */
  public void created(RelationLocator relation) {
    levels.getLast().created.add(relation);
  }

  /** A file that must go if the transaction commits. */
  public void dropped(RelationLocator relation) {
    levels.getLast().dropped.add(relation);
  }

  List<RelationLocator> created() {
    return levels.getFirst().created;
  }

  List<RelationLocator> dropped() {
    return levels.getFirst().dropped;
  }

  /**
   * An act for the case that the innermost savepoint is rolled back and the transaction goes on.
   */
  public void beforeSubabort(Xid locker, Runnable act) {
    levels.getLast().beforeAbort.add(new Subtransaction.BeforeAbort(locker, act));
  }

  public void savepoint(String name) {
    levels.add(new Subtransaction(name, readOnly));
  }

  /** Releases a savepoint and those inside it; their changes belong to the enclosing one. */
  public void release(String name) {
    release(find(name));
  }

  /** Releases all savepoints: the transaction commits. */
  void releaseAll() {
    release(1);
  }

  private void release(int first) {
    while (levels.size() > first) {
      Subtransaction inner = levels.removeLast();
      levels.getLast().absorb(inner);
      readOnly = inner.readOnlyBefore;
    }
  }

  public boolean hasSavepoints() {
    return levels.size() > 1;
  }

  public boolean hasSavepoint(String name) {
    return levels.stream().skip(1).anyMatch(level -> level.name.equals(name));
  }

  /** How many savepoints are open outside this one. */
  int depthOf(String name) {
    return find(name) - 1;
  }

  /** How many savepoints are open. */
  int depth() {
    return levels.size() - 1;
  }

  Subtransaction innermost() {
    return levels.getLast();
  }

  /** Forgets the innermost savepoint, which has aborted. */
  void pop() {
    if (!hasSavepoints() || !levels.getLast().aborted) {
      throw new IllegalStateException("savepoints=" + depth());
    }
    readOnly = levels.removeLast().readOnlyBefore;
  }

  private int find(String name) {
    for (int i = levels.size() - 1; i > 0; i--) {
      if (levels.get(i).name.equals(name)) {
        return i;
      }
    }
    throw PgError.error("3B001", "savepoint \"%s\" does not exist".formatted(name));
  }

  /** The released subtransactions with ids, in rising order (xactGetCommittedChildren). */
  List<Xid> committedChildren() {
    return levels.getFirst().children.toList();
  }
}
