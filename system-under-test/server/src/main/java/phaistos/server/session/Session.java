package phaistos.server.session;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.environment.Network;
import phaistos.server.backends.Backends;
import phaistos.server.errors.PgError;
import phaistos.server.executor.Administration;
import phaistos.server.executor.Observed;
import phaistos.server.executor.Outcome;
import phaistos.server.executor.SessionContext;
import phaistos.server.executor.Tables;
import phaistos.server.replication.ReplicationCommand;
import phaistos.server.settings.Parameters;
import phaistos.server.settings.Settings;
import phaistos.server.sql.Statement;
import phaistos.server.state.ServerContext;
import phaistos.server.state.ServerState;
import phaistos.server.wire.Frame;
import phaistos.server.wire.MessageReader;
import phaistos.server.wire.MessageWriter;
import phaistos.server.xact.Proc;
import phaistos.server.xact.Transaction;

/**
 * One client's connection (postgres.c): start-up, then messages until the client or the server ends
 * it. One task runs it; {@link #cancel} and {@link #terminate} come from others.
 */
public final class Session implements Backends.Backend, SessionContext {
  private static final List<String> REPORTED =
      List.of(
          "application_name",
          "client_encoding",
          "DateStyle",
          "default_transaction_read_only",
          "in_hot_standby",
          "integer_datetimes",
          "IntervalStyle",
          "is_superuser",
          "server_encoding",
          "server_version",
          "session_authorization",
          "standard_conforming_strings",
          "TimeZone");
  private static final String FRONTEND = "QPBDECHSXdcf";
  private static final long PROMOTE_POLL_NANOS = 100_000_000;

  private final SessionParts parts;
  private final ServerContext server;
  private final Network.Connection connection;
  private final MessageReader in;
  private final MessageWriter out;
  private final Proc proc;
  private final int secretKey;
  private final SessionSettings settings = new SessionSettings();
  private final TransactionBlock block;
  private final ExtendedQueries extended;
  private final ReentrantLock stateLock = new ReentrantLock();
  private final long startedAt;

  /** What the client was told of {@link #REPORTED}, and from what. */
  private final Map<String, String> told = new TreeMap<>();

  private Settings toldServer = Settings.defaults();
  private boolean toldRecovery;

  private volatile String user = "";
  private volatile String database = "";
  private volatile String query = "";
  private volatile boolean active;
  private volatile boolean replication;
  private boolean reading;
  private boolean endSilently;
  private boolean oldProtocol;

  public Session(SessionParts parts, Network.Connection connection) {
    this.parts = parts;
    this.server = parts.server();
    this.connection = connection;
    this.in = new MessageReader(connection);
    this.out = new MessageWriter(connection);
    this.proc = new Proc(parts.backends().newPid(), server.tasks().newLatch());
    this.secretKey = (int) server.environment().randomness().child("key" + proc.pid()).nextLong();
    this.block = new TransactionBlock(parts, proc, settings, this::warn);
    this.extended = new ExtendedQueries(this);
    this.startedAt = server.now();
  }

  /** Runs to the end of the connection. */
  public void run() {
    try {
      if (startUp()) {
        parts.backends().add(this);
        try {
          serve();
        } finally {
          cleanUp();
        }
      }
    } catch (ProtocolException e) {
      // nobody who speaks our language: only the log hears of it
      server.log().log(e.getMessage());
    } catch (IOException e) {
      // the client is gone; nobody is left to be told
    } catch (PgError e) {
      if (e.severity() == PgError.Severity.PANIC) {
        server.critical().panic(e);
      } else {
        server.log().error(e);
      }
      tell(e);
    } finally {
      close();
    }
  }

  /** Behind a PANIC nothing is undone: the next start recovers. */
  private void cleanUp() {
    try {
      if (!server.critical().isBroken()) {
        block.abort();
      }
    } catch (PgError e) {
      if (e.severity() == PgError.Severity.PANIC) {
        server.critical().panic(e);
      } else {
        server.log().error(e);
      }
    } finally {
      parts.backends().remove(this);
    }
  }

  private void tell(PgError error) {
    try {
      if (oldProtocol) {
        out.oldError(error);
      } else {
        out.error(error);
      }
      out.flush();
    } catch (IOException e) {
      // gone
    }
  }

  private void close() {
    try {
      connection.close();
    } catch (IOException e) {
      // gone
    }
  }

  // ---- start-up ----

  private boolean startUp() throws IOException {
    while (true) {
      ByteBuffer packet = in.startup();
      int version = packet.getInt(0) >>> 16;
      oldProtocol = version < 3;
      switch (StartupPacket.parse(packet)) {
        case StartupPacket.Encryption encryption -> {
          connection.write(new byte[] {'N'}, 0, 1);
          if (in.hasMore()) {
            throw new PgError(
                PgError.Severity.FATAL,
                "08P01",
                "received unencrypted data after %s request".formatted(encryption.kind()),
                "This could be either a client-software bug or evidence of an attempted"
                    + " man-in-the-middle attack.",
                "");
          }
        }
        case StartupPacket.Cancel cancel -> {
          parts
              .backends()
              .find(cancel.pid())
              .filter(backend -> backend.secretKey() == cancel.key())
              .ifPresent(Backends.Backend::cancel);
          return false;
        }
        case StartupPacket.Start start -> {
          accept(start);
          return true;
        }
      }
    }
  }

  private void accept(StartupPacket.Start start) throws IOException {
    if (start.minor() > 0 || !start.unknownOptions().isEmpty()) {
      out.begin('v').int32(StartupPacket.PROTOCOL_3).int32(start.unknownOptions().size());
      start.unknownOptions().forEach(out::string);
      out.end();
    }
    user = start.user();
    database = start.database();
    replication = start.replication();
    checkPhase();
    out.begin('R').int32(0).end();
    for (Map.Entry<String, String> entry : start.settings().entrySet()) {
      try {
        settings.set(entry.getKey(), Optional.of(entry.getValue()), false);
      } catch (PgError e) {
        throw new PgError(
            PgError.Severity.FATAL, e.sqlState(), e.getMessage(), e.detail(), e.hint());
      }
    }
    report();
    out.begin('K').int32(proc.pid()).int32(secretKey).end();
    out.readyForQuery('I');
    out.flush();
  }

  /** Tells the client which of the reported settings have other values than it knows. */
  private void report() {
    boolean recovery = server.state().isInRecovery();
    Settings current = server.settings();
    boolean same = recovery == toldRecovery && current == toldServer;
    if (!settings.takeChanged() && same && !told.isEmpty()) {
      return;
    }
    toldRecovery = recovery;
    toldServer = current;
    Settings now = settings();
    for (String name : REPORTED) {
      String value =
          switch (name) {
            case "session_authorization" -> user;
            case "in_hot_standby" -> recovery ? "on" : "off";
            case "client_encoding", "server_encoding" -> replication ? "SQL_ASCII" : now.get(name);
            default -> now.get(name);
          };
      if (!value.equals(told.put(name, value))) {
        out.parameterStatus(name, value);
      }
    }
  }

  private void checkPhase() {
    if (server.state().stop() != ServerState.Stop.NONE) {
      throw PgError.fatal("57P03", "the database system is shutting down");
    }
    switch (server.state().phase()) {
      case STARTING, CRASH_RECOVERY, END_OF_RECOVERY ->
          throw PgError.fatal("57P03", "the database system is starting up");
      case ARCHIVE_RECOVERY ->
          throw parts.configuration().read().bool("hot_standby")
              ? new PgError(
                  PgError.Severity.FATAL,
                  "57P03",
                  "the database system is not yet accepting connections",
                  "Consistent recovery state has not been yet reached.",
                  "")
              : PgError.fatal("57P03", "the database system is starting up");
      case HOT_STANDBY, RUNNING -> {}
    }
    long limit = settings().number("max_connections");
    if (!replication
        && parts.backends().all().stream().filter(b -> !b.isWalSender()).count() >= limit) {
      throw PgError.fatal("53300", "sorry, too many clients already");
    }
  }

  // ---- the loop ----

  private void serve() throws IOException {
    boolean more = true;
    while (more) {
      Frame frame = read();
      active = true;
      try {
        more = dispatch(frame);
      } catch (PgError e) {
        more = failed(e);
      } catch (IllegalStateException | IndexOutOfBoundsException | ClassCastException e) {
        // a defect of ours in one statement is no reason to end the node
        server.log().warning("internal error: " + e + " at " + e.getStackTrace()[0]);
        more = failed(PgError.error("XX000", "internal error: " + e));
      } catch (IllegalArgumentException | ArithmeticException e) {
        server.log().warning("internal error: " + e + " at " + e.getStackTrace()[0]);
        more = failed(PgError.error("XX000", "internal error: " + e));
      } finally {
        active = false;
      }
    }
  }

  private Frame read() throws IOException {
    stateLock.lock();
    try {
      if (proc.isDiePending()) {
        proc.checkInterrupts();
      }
      reading = true;
    } finally {
      stateLock.unlock();
    }
    try {
      int type = in.awaitType();
      if (FRONTEND.indexOf(type) < 0) {
        throw PgError.fatal("08P01", "invalid frontend message type %d".formatted(type));
      }
      return in.next();
    } finally {
      stateLock.lock();
      try {
        reading = false;
      } finally {
        stateLock.unlock();
      }
    }
  }

  private boolean dispatch(Frame frame) throws IOException {
    if (extended.isSkipping() && frame.type() != 'S' && frame.type() != 'X') {
      return true;
    }
    switch (frame.type()) {
      case 'Q' -> {
        String text = frame.string();
        frame.end();
        return simpleQuery(text);
      }
      case 'P' -> extended.parse(frame);
      case 'B' -> extended.bind(frame);
      case 'D' -> extended.describe(frame);
      case 'E' -> extended.execute(frame);
      case 'C' -> extended.close(frame);
      case 'H' -> out.flush();
      case 'S' -> {
        extended.sync();
        return endOfMessage();
      }
      case 'X' -> {
        return false;
      }
      case 'd', 'c', 'f' -> {
        // left over from a COPY that failed
      }
      default -> throw new IllegalStateException("type=" + frame.type());
    }
    if (endSilently) {
      out.flush();
    }
    return !endSilently;
  }

  /** Reports; answers whether the session goes on. */
  private boolean failed(PgError error) throws IOException {
    if (error.severity() != PgError.Severity.ERROR) {
      throw error;
    }
    block.fail();
    out.error(error);
    if (extended.failed()) {
      return true;
    }
    return ready();
  }

  private boolean ready() throws IOException {
    if (endSilently) {
      out.flush();
      return false;
    }
    report();
    if (block.status() == 'I') {
      extended.transactionEnded();
    }
    proc.clearCancel();
    out.readyForQuery(block.status());
    out.flush();
    return true;
  }

  /** A transaction that no BEGIN has begun ends with its message: Sync, or a simple query. */
  private boolean endOfMessage() throws IOException {
    if (block.state() == TransactionBlock.State.IMPLICIT) {
      boolean[] more = new boolean[1];
      block.finish(() -> more[0] = ready());
      return more[0];
    }
    return ready();
  }

  // ---- simple queries ----

  private boolean simpleQuery(String text) throws IOException {
    query = text;
    extended.simpleQueryBegins();
    if (replication) {
      return replicationCommand(text);
    }
    List<Statement> statements = parts.parser().parse(text);
    for (int i = 0; i < statements.size(); i++) {
      Statement statement = statements.get(i);
      if (statement instanceof Statement.Empty) {
        out.begin('I').end();
        continue;
      }
      run(statement, i == statements.size() - 1);
      if (endSilently) {
        out.flush();
        return false;
      }
    }
    return endOfMessage();
  }

  private void run(Statement statement, boolean last) throws IOException {
    Outcome outcome =
        StatementRunner.run(this, statement, List.of(), List.of(), this::commandComplete);
    ResultWriter.rows(out, outcome, List.of());
    if (statement instanceof Statement.Commit) {
      return;
    }
    if (last && block.state() == TransactionBlock.State.IMPLICIT) {
      block.finish(() -> commandComplete(outcome.tag()));
    } else {
      commandComplete(outcome.tag());
    }
  }

  /** Of what is committed; a session that must end says no more than its warning. */
  void commandComplete(String tag) {
    if (!endSilently) {
      out.commandComplete(tag);
    }
  }

  private boolean replicationCommand(String text) throws IOException {
    if (!ReplicationCommand.isOne(text)) {
      throw PgError.error(
          "0A000", "cannot execute SQL commands in WAL sender for physical replication");
    }
    boolean more =
        new ReplicationCommands(this, connection, in).run(ReplicationCommand.parse(text));
    return more && ready();
  }

  // ---- for the parts of a session ----

  SessionParts parts() {
    return parts;
  }

  MessageWriter out() {
    return out;
  }

  TransactionBlock block() {
    return block;
  }

  Proc proc() {
    return proc;
  }

  SessionSettings sessionSettings() {
    return settings;
  }

  void noteQuery(String text) {
    query = text;
  }

  private void warn(String sqlState, String message, String detail) {
    out.warning(sqlState, message, detail);
    if (sqlState.equals("57P01")) {
      // the commit has happened; the client learns no more than the warning
      endSilently = true;
    }
  }

  // ---- SessionContext ----

  @Override
  public ServerContext server() {
    return server;
  }

  @Override
  public Tables tables() {
    return parts.tables();
  }

  @Override
  public Observed observed() {
    return parts.observed();
  }

  @Override
  public Administration administration() {
    return parts.administration();
  }

  @Override
  public Transaction transaction() {
    return block.ensure();
  }

  @Override
  public Settings settings() {
    Settings now = settings.over(server.settings());
    return block.isRepeatableRead() ? now.with("transaction_isolation", "repeatable read") : now;
  }

  @Override
  public void set(String name, Optional<String> value, boolean local) {
    if (name.equalsIgnoreCase("transaction_isolation")) {
      block.change(new Statement.Modes(value, Optional.empty()));
    } else if (name.equalsIgnoreCase("transaction_read_only")) {
      boolean only = value.map(v -> Parameters.named(name).canonical(v).equals("on")).orElse(false);
      block.change(new Statement.Modes(Optional.empty(), Optional.of(only)));
    } else {
      settings.set(name, value, local);
    }
  }

  @Override
  public void notice(String sqlState, String message) {
    out.notice(sqlState, message);
  }

  @Override
  public int pid() {
    return proc.pid();
  }

  @Override
  public String user() {
    return user;
  }

  @Override
  public long transactionStart() {
    return block.startedAt();
  }

  @Override
  public boolean promote(boolean wait, long waitSeconds) {
    if (!server.state().isInRecovery()) {
      throw PgError.withHint(
          "55000",
          "recovery is not in progress",
          "Recovery control functions can only be executed during recovery.");
    }
    parts.recovery().requestPromotion();
    for (long i = 0; wait && i < waitSeconds * 10; i++) {
      if (server.state().isRunning()) {
        return true;
      }
      proc.checkInterrupts();
      server.tasks().sleep(PROMOTE_POLL_NANOS);
    }
    if (wait) {
      out.warning("01000", "server did not promote within %d seconds".formatted(waitSeconds), "");
    }
    return !wait;
  }

  // ---- Backend ----

  @Override
  public int secretKey() {
    return secretKey;
  }

  @Override
  public Backends.Activity activity() {
    String state = active ? "active" : block.status() == 'I' ? "idle" : "idle in transaction";
    return new Backends.Activity(
        proc.pid(),
        user,
        database,
        settings().get("application_name"),
        connection.remote().host(),
        connection.remote().port(),
        startedAt,
        state,
        proc.waitEvent(),
        query,
        replication ? "walsender" : "client backend");
  }

  @Override
  public void cancel() {
    if (active) {
      proc.requestCancel();
    }
  }

  @Override
  public void terminate() {
    proc.requestDie();
    stateLock.lock();
    try {
      if (reading || replication) {
        tell(PgError.fatal("57P01", "terminating connection due to administrator command"));
        close();
      }
    } finally {
      stateLock.unlock();
    }
  }

  /** The end without a word, of a server that stops at once. */
  @Override
  public void abandon() {
    proc.requestDie();
    close();
  }

  @Override
  public boolean isWalSender() {
    return replication;
  }
}
