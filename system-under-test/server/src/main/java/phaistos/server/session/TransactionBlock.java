package phaistos.server.session;

import java.util.Optional;
import phaistos.server.Instance;
import phaistos.server.PgError;
import phaistos.server.settings.Settings;
import phaistos.server.sql.Statement;
import phaistos.server.xact.CommitLevel;
import phaistos.server.xact.Proc;
import phaistos.server.xact.Transaction;

/**
 * The transactions of a session (xact.c's blocks). States and what leads from one to the other:
 *
 * <pre>
 * IDLE      -> IMPLICIT  a statement begins
 * IMPLICIT  -> IDLE      the message ends: commit; or an error: abort
 * IMPLICIT  -> BLOCK     BEGIN
 * BLOCK     -> IDLE      COMMIT or ROLLBACK
 * BLOCK     -> FAILED    an error
 * FAILED    -> BLOCK     ROLLBACK TO a savepoint
 * FAILED    -> IDLE      ROLLBACK, or COMMIT, which answers ROLLBACK
 * </pre>
 *
 * Used by the session's task only.
 */
final class TransactionBlock {
  enum State {
    IDLE,
    IMPLICIT,
    BLOCK,
    FAILED
  }

  /** Tells the client something beside the answer. */
  interface Notices {
    void warn(String sqlState, String message, String detail);
  }

  private final Instance instance;
  private final Proc proc;
  private final SessionSettings settings;
  private final Notices notices;
  private State state = State.IDLE;
  private Optional<Transaction> current = Optional.empty();
  private long startedAt;

  TransactionBlock(Instance instance, Proc proc, SessionSettings settings, Notices notices) {
    this.instance = instance;
    this.proc = proc;
    this.settings = settings;
    this.notices = notices;
  }

  State state() {
    return state;
  }

  /** The byte of ReadyForQuery. */
  char status() {
    return switch (state) {
      case IDLE, IMPLICIT -> 'I';
      case BLOCK -> 'T';
      case FAILED -> 'E';
    };
  }

  Optional<Transaction> current() {
    return current;
  }

  /** Microseconds since 2000. */
  long startedAt() {
    return startedAt;
  }

  /** The transaction that runs, begun if there is none. */
  Transaction ensure() {
    if (current.isEmpty()) {
      Settings now = settings.over(instance.settings());
      open(now.get("default_transaction_isolation"), now.bool("default_transaction_read_only"));
      state = State.IMPLICIT;
    }
    return current.orElseThrow();
  }

  private void open(String isolation, boolean readOnly) {
    boolean serializable = isolation.equals("serializable");
    if (serializable && instance.isInRecovery()) {
      throw PgError.withHint(
          "0A000",
          "cannot use serializable mode in a hot standby",
          "You can use REPEATABLE READ instead.");
    }
    if (serializable) {
      // snapshot isolation under this name would let through what SERIALIZABLE forbids
      throw PgError.unsupported("isolation level SERIALIZABLE");
    }
    boolean repeatable = isolation.equals("repeatable read");
    settings.beginTransaction();
    startedAt = instance.now();
    current =
        Optional.of(
            instance.transactions().begin(proc, repeatable, readOnly || instance.isInRecovery()));
  }

  void begin(Statement.Modes modes) {
    if (state == State.BLOCK) {
      notices.warn("25001", "there is already a transaction in progress", "");
      return;
    }
    Settings now = settings.over(instance.settings());
    boolean readOnly = modes.readOnly().orElse(now.bool("default_transaction_read_only"));
    String isolation = modes.isolation().orElse(now.get("default_transaction_isolation"));
    if (modes.readOnly().isPresent() && !readOnly) {
      checkWritable();
    }
    if (current.isEmpty()) {
      open(isolation, readOnly);
    } else {
      change(modes);
    }
    state = State.BLOCK;
  }

  private void checkWritable() {
    if (instance.isInRecovery()) {
      throw PgError.error("0A000", "cannot set transaction read-write mode during recovery");
    }
  }

  /** SET TRANSACTION. */
  void change(Statement.Modes modes) {
    Transaction old = ensure();
    if (modes.isolation().isPresent() && (old.hasSnapshot() || old.hasXid())) {
      throw PgError.error(
          "25001", "SET TRANSACTION ISOLATION LEVEL must be called before any query");
    }
    if (modes.isolation().isPresent()) {
      boolean readOnly = modes.readOnly().orElse(old.isReadOnly());
      State before = state;
      open(modes.isolation().get(), readOnly);
      state = before;
    } else if (modes.readOnly().isPresent()) {
      if (!modes.readOnly().get()) {
        checkWritable();
      }
      old.readOnly(modes.readOnly().get());
    }
  }

  /** SET SESSION CHARACTERISTICS: for all transactions that follow. */
  void characteristics(Statement.Modes modes) {
    if (modes.isolation().isPresent()) {
      settings.set("default_transaction_isolation", modes.isolation(), false);
    }
    if (modes.readOnly().isPresent()) {
      String value = modes.readOnly().get() ? "on" : "off";
      settings.set("default_transaction_read_only", Optional.of(value), false);
    }
  }

  /** COMMIT; answers the tag, which of a failed transaction is ROLLBACK. */
  String commit() {
    switch (state) {
      case FAILED -> {
        abort();
        return "ROLLBACK";
      }
      case IDLE, IMPLICIT -> notices.warn("25P01", "there is no transaction in progress", "");
      case BLOCK -> {}
    }
    finish();
    return "COMMIT";
  }

  String rollback() {
    if (state == State.IDLE || state == State.IMPLICIT) {
      notices.warn("25P01", "there is no transaction in progress", "");
    }
    abort();
    return "ROLLBACK";
  }

  /** Commits what runs, if anything does. */
  void finish() {
    if (current.isEmpty()) {
      state = State.IDLE;
      return;
    }
    Transaction transaction = current.get();
    CommitLevel level =
        CommitLevel.of(settings.over(instance.settings()).get("synchronous_commit"));
    boolean ddl = transaction.hasChangedCatalog();
    instance
        .transactions()
        .commit(
            transaction,
            level,
            (waiter, lsn, waitLevel) ->
                instance.syncRep().await(waiter, lsn, waitLevel, notices::warn));
    current = Optional.empty();
    state = State.IDLE;
    settings.endTransaction(true);
    if (ddl) {
      instance.catalog().changed();
    }
  }

  /** Ends what runs without a trace. */
  void abort() {
    if (current.isPresent()) {
      Transaction transaction = current.get();
      current = Optional.empty();
      instance.transactions().abort(transaction);
      settings.endTransaction(false);
      if (transaction.hasChangedCatalog()) {
        instance.catalog().changed();
      }
    }
    state = State.IDLE;
  }

  /** An error: a block waits for its ROLLBACK, anything else is over. */
  void fail() {
    if (state == State.BLOCK) {
      if (current.isPresent() && !current.get().hasSavepoints()) {
        // locks are given back at once; what is left is to hear the ROLLBACK
        abort();
      }
      state = State.FAILED;
    } else if (state == State.IMPLICIT || state == State.IDLE) {
      abort();
    }
  }

  void savepoint(String name) {
    needBlock("SAVEPOINT");
    current.orElseThrow().savepoint(name);
    settings.savepoint(name);
  }

  void release(String name) {
    needBlock("RELEASE SAVEPOINT");
    current.orElseThrow().release(name);
  }

  void rollbackTo(String name) {
    needBlock("ROLLBACK TO SAVEPOINT");
    Transaction transaction =
        current
            .filter(running -> running.hasSavepoint(name))
            .orElseThrow(
                () -> PgError.error("3B001", "savepoint \"%s\" does not exist".formatted(name)));
    instance.transactions().rollbackTo(transaction, name);
    settings.rollbackTo(name);
    state = State.BLOCK;
  }

  private void needBlock(String command) {
    if (state != State.BLOCK && state != State.FAILED) {
      throw PgError.error("25P01", command + " can only be used in transaction blocks");
    }
  }

  /** Whether a statement may run now. */
  void check(Statement statement) {
    if (state != State.FAILED) {
      return;
    }
    switch (statement) {
      case Statement.Commit _, Statement.Rollback _, Statement.RollbackTo _, Statement.Empty _ -> {}
      case Statement.Begin _,
          Statement.Savepoint _,
          Statement.Release _,
          Statement.Set _,
          Statement.Reset _,
          Statement.SetTransaction _,
          Statement.Show _,
          Statement.AlterSystem _,
          Statement.Checkpoint _,
          Statement.NoEffect _,
          Statement.Vacuum _,
          Statement.Sql _ ->
          throw PgError.error(
              "25P02",
              "current transaction is aborted, commands ignored until end of transaction block");
    }
  }

  boolean isRepeatableRead() {
    return current.map(Transaction::isRepeatableRead).orElse(false);
  }
}
