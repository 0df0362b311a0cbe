package phaistos.server.xact;

import java.util.ArrayList;
import java.util.List;
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
  private final boolean repeatableRead;
  private boolean readOnly;
  private FullXid xid = new FullXid(0);
  private long command;
  private Optional<Snapshot> snapshot = Optional.empty();
  private boolean inStatement;
  private boolean wroteWal;
  private boolean changedCatalog;
  private boolean commitRecorded;
  private final List<Subtransaction> stack = new ArrayList<>();
  private final List<Xid> committedSubxids = new ArrayList<>();
  private final List<int[]> combinations = new ArrayList<>();
  private final List<RelationLocator> created = new ArrayList<>();
  private final List<RelationLocator> dropped = new ArrayList<>();

  /** A savepoint with the changes since; released children are in {@code subxids}. */
  private static final class Subtransaction {
    final String name;
    Xid xid = Xid.INVALID;
    final List<Xid> subxids = new ArrayList<>();

    Subtransaction(String name) {
      this.name = name;
    }
  }

  Transaction(Proc proc, ProcArray procArray, boolean repeatableRead, boolean readOnly) {
    this.proc = proc;
    this.procArray = procArray;
    this.repeatableRead = repeatableRead;
    this.readOnly = readOnly;
  }

  public Proc proc() {
    return proc;
  }

  public boolean isRepeatableRead() {
    return repeatableRead;
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

  public boolean hasSnapshot() {
    return snapshot.isPresent();
  }

  /** The top-level id, assigned now if need be. */
  public FullXid topXid() {
    if (!hasXid()) {
      xid = procArray.assign(proc, false);
    }
    return xid;
  }

  /** The id for writes: the innermost subtransaction's. */
  public Xid currentXid() {
    topXid();
    Xid current = xid.xid();
    for (Subtransaction sub : stack) {
      if (!sub.xid.isValid()) {
        sub.xid = procArray.assign(proc, true).xid();
      }
      current = sub.xid;
    }
    return current;
  }

  /**
   * Whether a tuple's transaction is this one or one of its subtransactions that have not aborted.
   */
  public boolean isCurrent(Xid other) {
    if (!hasXid() || !other.isValid()) {
      return false;
    }
    if (other.equals(xid.xid()) || committedSubxids.contains(other)) {
      return true;
    }
    for (Subtransaction sub : stack) {
      if (sub.xid.equals(other) || sub.subxids.contains(other)) {
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

  /** A file that must go if the transaction aborts. */
  public void created(RelationLocator relation) {
    created.add(relation);
  }

  /** A file that must go if the transaction commits. */
  public void dropped(RelationLocator relation) {
    dropped.add(relation);
  }

  List<RelationLocator> created() {
    return created;
  }

  List<RelationLocator> dropped() {
    return dropped;
  }

  public void savepoint(String name) {
    stack.add(new Subtransaction(name));
  }

  /** Releases a savepoint and those inside it; their changes belong to the enclosing one. */
  public void release(String name) {
    int from = find(name);
    List<Xid> into = from == 0 ? committedSubxids : stack.get(from - 1).subxids;
    for (Subtransaction sub : stack.subList(from, stack.size())) {
      if (sub.xid.isValid()) {
        into.add(sub.xid);
      }
      into.addAll(sub.subxids);
    }
    stack.subList(from, stack.size()).clear();
  }

  /** Rolls back to a savepoint, which stays open; returns the ids that aborted. */
  List<Xid> rollbackTo(String name) {
    int from = find(name);
    List<Xid> aborted = new ArrayList<>();
    for (Subtransaction sub : stack.subList(from, stack.size())) {
      if (sub.xid.isValid()) {
        aborted.add(sub.xid);
      }
      aborted.addAll(sub.subxids);
    }
    stack.subList(from, stack.size()).clear();
    savepoint(name);
    return aborted;
  }

  public boolean hasSavepoints() {
    return !stack.isEmpty();
  }

  public boolean hasSavepoint(String name) {
    return stack.stream().anyMatch(sub -> sub.name.equals(name));
  }

  private int find(String name) {
    for (int i = stack.size() - 1; i >= 0; i--) {
      if (stack.get(i).name.equals(name)) {
        return i;
      }
    }
    throw PgError.error("3B001", "savepoint \"%s\" does not exist".formatted(name));
  }

  /**
   * All subtransactions with ids that were not rolled back; they share the transaction's outcome.
   */
  List<Xid> livingSubxids() {
    List<Xid> all = new ArrayList<>(committedSubxids);
    for (Subtransaction sub : stack) {
      if (sub.xid.isValid()) {
        all.add(sub.xid);
      }
      all.addAll(sub.subxids);
    }
    return all;
  }
}
