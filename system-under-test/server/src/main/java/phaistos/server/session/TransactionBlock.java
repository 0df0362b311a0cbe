package phaistos.server.session;

import java.io.IOException;
import java.util.Optional;
import phaistos.formats.Lsn;
import phaistos.server.errors.PgError;
import phaistos.server.settings.Settings;
import phaistos.server.sql.Statement;
import phaistos.server.steps.SessionSteps;
import phaistos.server.xact.CommitLevel;
import phaistos.server.xact.Proc;
import phaistos.server.xact.Transaction;
import phaistos.server.xact.Transactions;

/**
 * The transactions of a session (xact.c's blocks). States and transitions:
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

  /** Sends a warning to the client. */
  interface Notices {
    void warn(String sqlState, String message, String detail);
  }

  private final SessionParts parts;
  private final Proc proc;
  private final SessionSettings settings;
  private final Notices notices;
  private boolean several;
  private State state = State.IDLE;
  private volatile Optional<Transaction> current = Optional.empty();
  private volatile long startedAt;

  TransactionBlock(SessionParts parts, Proc proc, SessionSettings settings, Notices notices) {
    this.parts = parts;
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
      Settings now = settings.over(parts.server().settings());
      open(now.get("default_transaction_isolation"), now.bool("default_transaction_read_only"));
      state = State.IMPLICIT;
    }
    return current.orElseThrow();
  }

  private void open(String isolation, boolean readOnly) {
    boolean repeatable = isRepeatable(isolation);
    settings.beginTransaction();
    startedAt = parts.server().now();
    current =
        Optional.of(
            parts
                .transactions()
                .begin(proc, repeatable, readOnly || !parts.server().state().isRunning()));
  }

  private boolean isRepeatable(String isolation) {
    boolean serializable = isolation.equals("serializable");
    if (serializable && !parts.server().state().isRunning()) {
      throw PgError.withHint(
          "0A000",
          "cannot use serializable mode in a hot standby",
          "You can use REPEATABLE READ instead.");
    }
    if (serializable) {
      // snapshot isolation under this name would allow anomalies that SERIALIZABLE forbids
      throw PgError.unsupported("isolation level SERIALIZABLE");
    }
    return isolation.equals("repeatable read");
  }

  void begin(Statement.Modes modes) {
    if (state == State.BLOCK) {
      notices.warn("25001", "there is already a transaction in progress", "");
      return;
    }
    Settings now = settings.over(parts.server().settings());
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
    if (!parts.server().state().isRunning()) {
      throw PgError.error("0A000", "cannot set transaction read-write mode during recovery");
    }
  }

  /** SET TRANSACTION. */
  void change(Statement.Modes modes) {
    Transaction own = ensure();
    modes.isolation().ifPresent(level -> isolation(own, isRepeatable(level)));
    modes.readOnly().ifPresent(only -> readOnly(own, only));
  }

  /** check_XactIsoLevel. */
  private static void isolation(Transaction own, boolean repeatable) {
    if (repeatable != own.isRepeatableRead()) {
      String text =
          own.hasQueried()
              ? "be called before any query"
              : own.hasSavepoints() ? "not be called in a subtransaction" : "";
      if (!text.isEmpty()) {
        throw PgError.error("25001", "SET TRANSACTION ISOLATION LEVEL must " + text);
      }
    }
    own.repeatableRead(repeatable);
  }

  /** check_XactReadOnly. */
  private void readOnly(Transaction own, boolean only) {
    if (!only && own.isReadOnly()) {
      if (own.hasSavepoints()) {
        throw PgError.error(
            "25001", "cannot set transaction read-write mode inside a read-only transaction");
      }
      if (own.hasQueried()) {
        throw PgError.error("25001", "transaction read-write mode must be set before any query");
      }
    }
    if (!only) {
      checkWritable();
    }
    own.readOnly(only);
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

  /** Tells the client that its transaction has ended. */
  @FunctionalInterface
  interface Answer {
    void tell() throws IOException;
  }

  /** The same to a COMMIT, with the tag. */
  @FunctionalInterface
  interface TagAnswer {
    void tell(String tag) throws IOException;
  }

  /** COMMIT; of a failed transaction it is a ROLLBACK. */
  void commit(TagAnswer client) throws IOException {
    switch (state) {
      case FAILED -> {
        if (!endsAs("COMMIT of a failed one", "ROLLBACK")) {
          abort();
          client.tell(tag("ROLLBACK"));
          return;
        }
      }
      case IDLE, IMPLICIT -> notices.warn("25P01", "there is no transaction in progress", "");
      case BLOCK -> {}
    }
    if (endsAs("COMMIT", "COMMIT")) {
      finish(() -> client.tell(tag("COMMIT")));
    } else {
      abort();
      client.tell(tag("COMMIT"));
    }
  }

  /** Whether the transaction commits. */
  private boolean endsAs(String request, String right) {
    String end = parts.server().steps().answer(SessionSteps.TRANSACTION_END, request, () -> right);
    return end.equals("COMMIT");
  }

  private String tag(String right) {
    return parts.server().steps().answer(SessionSteps.COMMAND_TAG, right, () -> right);
  }

  /** The connection has ended: what it has not committed is rolled back. */
  void disconnected() throws IOException {
    if (current.isPresent() && endsAs("DISCONNECT", "ROLLBACK")) {
      finish(() -> {});
    } else {
      abort();
    }
  }

  String rollback() throws IOException {
    if (state == State.IDLE || state == State.IMPLICIT) {
      notices.warn("25P01", "there is no transaction in progress", "");
    }
    if (endsAs("ROLLBACK", "ROLLBACK")) {
      finish(() -> {});
    } else {
      abort();
    }
    return tag("ROLLBACK");
  }

  /**
   * Commits the current transaction, if there is one, and answers the client. No other method does
   * either.
   *
   * @throws IOException if the client cannot be told; its connection must end then
   */
  void finish(Answer client) throws IOException {
    if (current.isEmpty()) {
      state = State.IDLE;
      client.tell();
      return;
    }
    Transaction transaction = current.get();
    CommitLevel level =
        CommitLevel.of(settings.over(parts.server().settings()).get("synchronous_commit"));
    parts.transactions().commit(transaction, level, new Owner(transaction, client));
  }

  private final class Owner implements Transactions.Owner {
    private final Transaction transaction;
    private final Answer client;

    Owner(Transaction transaction, Answer client) {
      this.transaction = transaction;
      this.client = client;
    }

    @Override
    public long commitDelayNanos() {
      Settings now = settings.over(parts.server().settings());
      return now.bool("fsync") ? now.number("commit_delay") * 1000 : 0;
    }

    @Override
    public int commitSiblings() {
      return (int) settings.over(parts.server().settings()).number("commit_siblings");
    }

    @Override
    public void awaitStandbys(Proc waiter, Lsn commit, CommitLevel level) {
      parts.syncRep().await(waiter, commit, level, notices::warn);
    }

    @Override
    public void committed() {
      TransactionBlock.this.committed(transaction);
    }

    @Override
    public void answer() throws IOException {
      client.tell();
    }
  }

  private void committed(Transaction transaction) {
    current = Optional.empty();
    state = State.IDLE;
    settings.endTransaction(true);
    if (transaction.hasChangedCatalog()) {
      parts.tables().catalog().changed();
    }
  }

  /** Aborts the current transaction without an answer. */
  void abort() {
    if (current.isPresent()) {
      Transaction transaction = current.get();
      current = Optional.empty();
      parts.transactions().abort(transaction);
      settings.endTransaction(false);
      if (transaction.hasChangedCatalog()) {
        parts.tables().catalog().changed();
      }
    }
    state = State.IDLE;
  }

  /** Handles an error: a block fails and waits for ROLLBACK; any other transaction aborts. */
  void fail(String sqlState) {
    if (state == State.BLOCK
        && !parts.server().steps().answer(SessionSteps.STATEMENT_FAILS, sqlState, () -> true)) {
      return;
    }
    if (state == State.BLOCK) {
      // locks are released at once; the block only waits for ROLLBACK
      if (current.isPresent() && current.get().hasSavepoints()) {
        parts.transactions().abortSubtransaction(current.get());
      } else {
        abort();
      }
      state = State.FAILED;
    } else if (state == State.IMPLICIT || state == State.IDLE) {
      abort();
    }
  }

  void savepoint(String name) {
    requireBlock("SAVEPOINT");
    current.orElseThrow().savepoint(name);
    settings.savepoint(name);
  }

  void release(String name) {
    requireBlock("RELEASE SAVEPOINT");
    current.orElseThrow().release(name);
    settings.release(name);
  }

  void rollbackTo(String name) {
    requireBlock("ROLLBACK TO SAVEPOINT");
    Transaction transaction =
        current
            .filter(running -> running.hasSavepoint(name))
            .orElseThrow(
                () -> PgError.error("3B001", "savepoint \"%s\" does not exist".formatted(name)));
    parts.transactions().rollbackTo(transaction, name);
    settings.rollbackTo(name);
    state = State.BLOCK;
  }

  /** What a command does would be undone at its own end outside of a block. */
  void requireBlock(String command) {
    if (state != State.BLOCK && state != State.FAILED) {
      throw PgError.error("25P01", command + " can only be used in transaction blocks");
    }
  }

  /** Whether the statements that follow come in one message with others: an implicit block. */
  void several(boolean statements) {
    several = statements;
  }

  /** Outside of a block some commands do nothing: a WARNING (WarnNoTransactionBlock). */
  void warnOutside(Statement statement) {
    String command =
        switch (statement) {
          case Statement.Set set when set.local() -> "SET LOCAL";
          case Statement.SetTransaction set when !set.session() -> "SET TRANSACTION";
          default -> "";
        };
    if (state == State.IDLE && !several && !command.isEmpty()) {
      notices.warn("25P01", command + " can only be used in transaction blocks", "");
    }
  }

  /** VACUUM has transactions of its own, and so has DISCARD ALL (PreventInTransactionBlock). */
  void requireNone(Statement statement) {
    requireNone(statement, current.isPresent());
  }

  /**
   * @param inside whether the statement is inside of a transaction
   */
  void requireNone(Statement statement, boolean inside) {
    String command =
        switch (statement) {
          case Statement.Vacuum vacuum when vacuum.tag().equals("VACUUM") -> "VACUUM";
          case Statement.Discard(String what) when what.equals("all") -> "DISCARD ALL";
          default -> "";
        };
    if (inside && !command.isEmpty()) {
      throw PgError.error("25001", command + " cannot run inside a transaction block");
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
          Statement.Discard _,
          Statement.Deallocate _,
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
