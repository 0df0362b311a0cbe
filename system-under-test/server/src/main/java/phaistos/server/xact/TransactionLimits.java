package phaistos.server.xact;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import phaistos.formats.Xid;
import phaistos.server.clog.Clog;
import phaistos.server.errors.PgError;

/**
 * How far transaction ids may go before they would overtake the oldest row that is not frozen
 * (varsup.c, SetTransactionIdLimit). Of the 2^31 ids after the oldest, new transactions may use all
 * but the last three million; they warn in the last forty million. Thread-safe.
 */
public final class TransactionLimits {
  /** Ids that are left for a VACUUM by hand after the stop. */
  private static final int STOP_RESERVE = 3_000_000;

  private static final int WARN_RESERVE = 40_000_000;
  private static final int TO_WRAP = 0x7FFF_FFFF;

  /**
   * The limits that follow from the oldest id.
   *
   * @param vacuum from here on autovacuum must freeze
   * @param warn from here on each new transaction warns
   * @param stop from here on none gets an id
   * @param wrap here data would be lost
   */
  public record Limits(Xid oldest, int database, Xid vacuum, Xid warn, Xid stop, Xid wrap) {
    static Limits of(Xid oldest, int database, int freezeMaxAge) {
      Xid wrap = skipSpecial(new Xid(oldest.value() + TO_WRAP), 3);
      return new Limits(
          oldest,
          database,
          skipSpecial(new Xid(oldest.value() + freezeMaxAge), 3),
          skipSpecial(new Xid(wrap.value() - WARN_RESERVE), -3),
          skipSpecial(new Xid(wrap.value() - STOP_RESERVE), -3),
          wrap);
    }

    private static Xid skipSpecial(Xid xid, int by) {
      return xid.isNormal() ? xid : new Xid(xid.value() + by);
    }
  }

  private final Clog clog;
  private final Consumer<String> log;
  private final int freezeMaxAge;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Limits limits;

  /**
   * @param freezeMaxAge the setting autovacuum_freeze_max_age
   * @param log for warnings at the start
   */
  public TransactionLimits(Clog clog, int freezeMaxAge, Consumer<String> log) {
    this.clog = clog;
    this.log = log;
    this.freezeMaxAge = freezeMaxAge;
    this.limits = Limits.of(Xid.FIRST_NORMAL, 1, freezeMaxAge);
  }

  public Limits limits() {
    return limits;
  }

  /** The oldest id that a row may hold (oldestXid, the least datfrozenxid). */
  public Xid oldestXid() {
    return limits.oldest();
  }

  /** The database that the oldest id belongs to. */
  public int database() {
    return limits.database();
  }

  /** Sets the oldest id (SetTransactionIdLimit). */
  public void set(Xid oldest, int database) {
    lock.lock();
    try {
      limits = Limits.of(oldest, database, freezeMaxAge);
    } finally {
      lock.unlock();
    }
  }

  /** A checkpoint's record says how old the oldest id was at least. */
  public void replayed(Xid oldest, int database) {
    if (oldestXid().precedes(oldest)) {
      set(oldest, database);
    }
  }

  /**
   * VACUUM has frozen all rows of all tables up to this id, which is the least datfrozenxid now
   * (vac_truncate_clog): truncates the commit log, then moves the limits.
   */
  public void vacuumed(Xid frozen, int database) {
    if (!oldestXid().precedes(frozen)) {
      return;
    }
    clog.truncate(frozen, database);
    set(frozen, database);
  }

  /**
   * Whether the next id may be given out (GetNewTransactionId).
   *
   * @param name of the database
   * @return a warning for the client if the limit is near
   * @throws PgError 54000 past the stop limit
   */
  Optional<PgError> check(Xid next, String name) {
    Limits now = limits;
    if (next.precedes(now.vacuum())) {
      return Optional.empty();
    }
    if (!next.precedes(now.stop())) {
      throw PgError.withHint(
          "54000",
          ("database is not accepting commands to avoid wraparound data loss in database \"%s\"")
              .formatted(name),
          "Stop the postmaster and vacuum that database in single-user mode.\n" + ALSO);
    }
    return next.precedes(now.warn()) ? Optional.empty() : Optional.of(warning(now, next, name));
  }

  /** Says in the log at the start if the limit is near. */
  public void report(Xid next, String name) {
    Limits now = limits;
    if (!next.precedes(now.warn())) {
      log.accept(warning(now, next, name).getMessage());
    }
  }

  private static final String ALSO =
      "You might also need to commit or roll back old prepared transactions, or drop stale"
          + " replication slots.";

  private static PgError warning(Limits now, Xid next, String name) {
    return PgError.withHint(
        "01000",
        "database \"%s\" must be vacuumed within %s transactions"
            .formatted(name, Integer.toUnsignedString(now.wrap().value() - next.value())),
        "To avoid a database shutdown, execute a database-wide VACUUM in that database.\n" + ALSO);
  }
}
