package phaistos.server.executor;

import java.util.Optional;
import phaistos.formats.Xid;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.heap.Heap;
import phaistos.server.heap.HeapRow;
import phaistos.server.heap.Tid;
import phaistos.server.multixact.LockMode;
import phaistos.server.sql.Query;

/** Locks rows, or finds the version to change after a conflict with another transaction. */
record RowLocks(Table table, Optional<Expr> condition, Query.Lock lock) {
  /**
   * Locks a row; gives its newest version if that still matches the condition. Nothing if it is
   * gone, or locked by another and SKIP LOCKED.
   *
   * @throws PgError 55P03 if it is locked and NOWAIT
   */
  Optional<HeapRow> lock(HeapRow row, Frame frame) {
    Optional<HeapRow> current = Optional.of(row);
    while (current.isPresent()) {
      Heap.Outcome outcome =
          frame
              .session()
              .tables()
              .heap()
              .lock(table.locator(), current.get().tid(), mode(), frame.session().transaction());
      if (outcome instanceof Heap.Outcome.Done) {
        return current;
      }
      if (outcome instanceof Heap.Outcome.MustWait && lock.policy() != Query.Wait.BLOCK) {
        if (lock.policy() == Query.Wait.SKIP_LOCKED) {
          return Optional.empty();
        }
        throw PgError.error(
            "55P03", "could not obtain lock on row in relation \"%s\"".formatted(table.name()));
      }
      current = next(outcome, table, current.get(), condition, frame);
    }
    return current;
  }

  private LockMode mode() {
    return switch (lock.strength()) {
      case KEY_SHARE -> LockMode.KEY_SHARE;
      case SHARE -> LockMode.SHARE;
      case NO_KEY_UPDATE -> LockMode.NO_KEY_EXCLUSIVE;
      case UPDATE -> LockMode.EXCLUSIVE;
    };
  }

  /** The version to try next after a conflict with another transaction (EvalPlanQual). */
  static Optional<HeapRow> next(
      Heap.Outcome outcome, Table table, HeapRow row, Optional<Expr> condition, Frame frame) {
    SessionContext session = frame.session();
    Tables tables = session.tables();
    return switch (outcome) {
      case Heap.Outcome.Done _, Heap.Outcome.AlreadyBySelf _ -> Optional.empty();
      case Heap.Outcome.MustWait(Xid xid) -> {
        tables.procArray().awaitEnd(xid, session.transaction().proc());
        yield Optional.of(row);
      }
      case Heap.Outcome.Updated(Tid newer) -> {
        requireReadCommitted(session, "update");
        HeapRow newest = tables.heap().fetchAny(table.locator(), table.types(), newer);
        yield Changes.accepts(condition, frame, newest) ? Optional.of(newest) : Optional.empty();
      }
      case Heap.Outcome.Deleted _ -> {
        requireReadCommitted(session, "delete");
        yield Optional.empty();
      }
    };
  }

  private static void requireReadCommitted(SessionContext session, String change) {
    if (session.transaction().isRepeatableRead()) {
      throw PgError.error("40001", "could not serialize access due to concurrent " + change);
    }
  }
}
