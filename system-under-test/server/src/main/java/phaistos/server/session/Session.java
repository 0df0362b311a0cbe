package phaistos.server.session;

import java.io.IOException;
import java.net.ProtocolException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.environment.Network;
import phaistos.server.backends.Backends;
import phaistos.server.errors.PgError;
import phaistos.server.settings.Settings;
import phaistos.server.state.ServerContext;
import phaistos.server.wire.Frame;
import phaistos.server.wire.MessageReader;
import phaistos.server.wire.MessageWriter;
import phaistos.server.xact.Proc;

/**
 * One client's connection (postgres.c): start-up, then messages until the client or the server ends
 * it. One task runs it; {@link #cancel} and {@link #terminate} come from others.
 */
public final class Session implements Backends.Backend {
  private static final String FRONTEND = "QPBDECHSXdcf";

  private final SessionParts parts;
  private final ServerContext server;
  private final Network.Connection connection;
  private final MessageReader in;
  private final MessageWriter out;
  private final Proc proc;
  private final int secretKey;
  private final SessionSettings settings = new SessionSettings();
  private final TransactionBlock block;
  private final StatementContext context;
  private final ExtendedQueries extended;
  private final ReentrantLock stateLock = new ReentrantLock();
  private final long startedAt;

  private final ReportedSettings reported;
  private final SessionStart start;
  private final SimpleQueries simple;

  private volatile String user = "";
  private volatile String database = "";
  private volatile String query = "";
  private volatile String applicationName = "";
  private volatile boolean active;
  private volatile boolean replication;
  private boolean reading;
  private boolean endSilently;

  public Session(SessionParts parts, Network.Connection connection) {
    this.parts = parts;
    this.server = parts.server();
    this.connection = connection;
    this.in = new MessageReader(connection);
    this.out = new MessageWriter(connection);
    this.proc = new Proc(parts.backends().newPid(), server.tasks().newLatch());
    proc.warnings(out::warning);
    this.secretKey = (int) server.environment().randomness().child("key" + proc.pid()).nextLong();
    this.block = new TransactionBlock(parts, proc, settings, this::warn);
    this.context = new StatementContext(parts, proc, block, settings, out, () -> user);
    this.extended = new ExtendedQueries(this);
    this.reported = new ReportedSettings(server, out);
    this.start = new SessionStart(parts.backends(), connection, in);
    this.simple = new SimpleQueries(this, connection, in);
    this.startedAt = server.now();
  }

  /** Runs to the end of the connection. */
  public void run() {
    try {
      Optional<StartupPacket.Start> asked = start.read();
      if (asked.isPresent()) {
        accept(asked.get());
        parts.backends().add(this);
        try {
          serve();
        } finally {
          cleanUp();
        }
      }
    } catch (ProtocolException e) {
      // not a PostgreSQL client: the error goes only to the log
      server.log().log(e.getMessage());
    } catch (IOException e) {
      // the client has disconnected; there is no one to answer
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

  /** After a PANIC nothing is rolled back; the next start recovers. */
  private void cleanUp() {
    try {
      if (!server.critical().isBroken()) {
        block.disconnected();
      }
    } catch (IOException e) {
      // the client is gone
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
      if (start.isOldProtocol()) {
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

  private void accept(StartupPacket.Start asked) throws IOException {
    if (asked.minor() > 0 || !asked.unknownOptions().isEmpty()) {
      out.begin('v').int32(StartupPacket.PROTOCOL_3).int32(asked.unknownOptions().size());
      asked.unknownOptions().forEach(out::string);
      out.end();
    }
    user = asked.user();
    database = asked.database();
    replication = asked.replication();
    Admission.check(parts, replication, settings());
    out.begin('R').int32(0).end();
    for (Map.Entry<String, String> entry : asked.settings().entrySet()) {
      try {
        Optional<String> value = Optional.of(entry.getValue());
        settings.set(entry.getKey(), value, false);
        SessionSettings.warning(entry.getKey(), value)
            .ifPresent(text -> out.warning("01000", text, ""));
      } catch (PgError e) {
        throw new PgError(
            PgError.Severity.FATAL, e.sqlState(), e.getMessage(), e.detail(), e.hint());
      }
    }
    settings.started();
    report();
    out.begin('K').int32(proc.pid()).int32(secretKey).end();
    out.readyForQuery('I');
    out.flush();
  }

  private void report() {
    applicationName = settings().get("application_name");
    reported.report(
        this::settings, settings.takeChanged(), new ReportedSettings.Owner(user, replication));
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
        // a bug in one statement must not end the node
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
        query = text;
        extended.simpleQueryBegins();
        return replication ? simple.replicationCommand(text) : simple.run(text);
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
    block.fail(error.sqlState());
    out.error(error);
    if (extended.failed()) {
      return true;
    }
    return ready();
  }

  boolean ready() throws IOException {
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

  /** A transaction without BEGIN ends with its message: Sync, or a simple query. */
  boolean endOfMessage() throws IOException {
    if (block.state() == TransactionBlock.State.IMPLICIT) {
      boolean[] more = new boolean[1];
      block.finish(() -> more[0] = ready());
      return more[0];
    }
    return ready();
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

  /** Answers after a commit. A session that must end sends only its warning. */
  void commandComplete(String tag) {
    if (!endSilently) {
      out.commandComplete(tag);
    }
  }

  /** Whether the session must end without another message. */
  boolean endsSilently() {
    return endSilently;
  }

  void noteQuery(String text) {
    query = text;
  }

  private void warn(String sqlState, String message, String detail) {
    out.warning(sqlState, message, detail);
    if (sqlState.equals("57P01")) {
      // the commit has happened; the client gets only the warning
      endSilently = true;
    }
  }

  Settings settings() {
    return context.settings();
  }

  String user() {
    return user;
  }

  @Override
  public int pid() {
    return proc.pid();
  }

  StatementContext context() {
    return context;
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
        applicationName,
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

  @Override
  public void conflict() {
    stateLock.lock();
    try {
      if (reading) {
        proc.requestDie();
        tell(
            new PgError(
                PgError.Severity.FATAL,
                "40001",
                "terminating connection due to conflict with recovery",
                Proc.CONFLICT_DETAIL,
                "In a moment you should be able to reconnect to the database and repeat your"
                    + " command."));
        close();
      } else {
        proc.requestConflict();
      }
    } finally {
      stateLock.unlock();
    }
  }

  /** Ends the connection without a message, for an immediate stop. */
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
