package phaistos.server.session;

import java.io.IOException;
import java.net.ProtocolException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import phaistos.environment.Network;
import phaistos.server.backends.Activity;
import phaistos.server.backends.Backends;
import phaistos.server.errors.PgError;
import phaistos.server.executor.Temporaries;
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
  private final SessionInput input;
  private final SessionActivity activity;

  private final ReportedSettings reported;
  private final SessionStart start;
  private final SimpleQueries simple;
  private final SessionTimers timers;
  private final SessionLog log;

  private volatile boolean active;
  private boolean endSilently;

  /** Whether it has just told its client that it waits for a command: it idles. */
  private boolean isReady;

  public Session(SessionParts parts, Network.Connection connection) {
    this.parts = parts;
    this.server = parts.server();
    this.connection = connection;
    this.in = new MessageReader(connection);
    this.out = new MessageWriter(connection);
    this.proc =
        new Proc(parts.backends().newPid(), server.tasks().newLatch(), parts.backends().waits());
    proc.warnings(out::warning);
    this.secretKey = (int) server.environment().randomness().child("key" + proc.pid()).nextLong();
    this.block = new TransactionBlock(parts, proc, settings, this::warn);
    this.activity =
        new SessionActivity(
            server,
            proc,
            connection.remote(),
            () -> block.current().isPresent() ? block.startedAt() : 0);
    this.extended = new ExtendedQueries(this);
    this.context =
        new StatementContext(
            parts, proc, block, settings, out, activity::user, extended::deallocate);
    this.reported = new ReportedSettings(server, out);
    this.start = new SessionStart(parts.backends(), connection, in);
    this.simple = new SimpleQueries(this, connection, in);
    this.timers = new SessionTimers(parts.timeouts());
    this.log = new SessionLog(server);
    this.input = new SessionInput(server.log(), proc, in, this::tellAndClose);
    proc.title(activity::waitsFor);
    out.noticesFrom(() -> settings().get("client_min_messages"));
  }

  /** Runs to the end of the connection. */
  public void run() {
    try {
      log.received(connection.remote());
      timers.start(server.settings(), this::close);
      Optional<StartupPacket.Start> asked = start.read();
      if (asked.isPresent()) {
        accept(asked.get());
        parts.backends().add(this);
        try {
          serve();
        } finally {
          cleanUp();
          log.ended(activity.user(), activity.database(), connection.remote(), settings());
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
      timers.stop();
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

  /** Drops the session's temporary tables, in a transaction that waits for nobody. */
  private void dropTemporaries() {
    if (!parts.tables().catalog().hasTemporaries() || !server.state().isRunning()) {
      return;
    }
    try {
      block.ensure();
      Temporaries.dropOwn(context);
      settings.set("synchronous_commit", Optional.of("off"), false);
      block.finish(() -> {});
    } catch (IOException e) {
      throw new IllegalStateException(e);
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

  private void tellAndClose(PgError error) {
    tell(error);
    close();
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
    activity.opened(asked);
    Admission.check(parts, activity.isReplication(), settings());
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
    timers.stop();
    log.authorized(asked.user(), asked.database(), asked.replication(), settings());
    report();
    out.begin('K').int32(proc.pid()).int32(secretKey).end();
    out.readyForQuery('I');
    out.flush();
    isReady = true;
  }

  private void report() {
    activity.settings(settings());
    reported.report(
        this::settings,
        settings.takeChanged(),
        new ReportedSettings.Owner(activity.user(), activity.isReplication()));
  }

  // ---- the loop ----

  private void serve() throws IOException {
    boolean more = true;
    while (more) {
      Frame frame = read();
      active = true;
      OptionalLong began = log.begins(frame.type(), settings());
      timers.statement(settings(), proc);
      try {
        more = dispatch(frame);
        if (began.isPresent()) {
          log.duration(activity.query(), began.getAsLong(), settings());
        }
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
        timers.stop();
        active = false;
      }
    }
  }

  /** statement_timeout applies to each statement of a simple query. */
  void restartTimers() {
    timers.stop();
    timers.statement(settings(), proc);
  }

  private Frame read() throws IOException {
    if (isReady) {
      isReady = false;
      timers.idle(settings(), block.status(), input::endIfReading);
      activity.idles(block.status());
    }
    return input.read(timers::stop);
  }

  private boolean dispatch(Frame frame) throws IOException {
    if (extended.isSkipping() && frame.type() != 'S' && frame.type() != 'X') {
      return true;
    }
    switch (frame.type()) {
      case 'Q' -> {
        String text = frame.string();
        frame.end();
        activity.runs(text);
        log.statement(text, settings());
        extended.simpleQueryBegins();
        return activity.isReplication() ? simple.replicationCommand(text) : simple.run(text);
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
    isReady = true;
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

  SessionInput input() {
    return input;
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

  SessionLog log() {
    return log;
  }

  void noteQuery(String text) {
    activity.runs(text);
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
    return activity.user();
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
  public Activity activity() {
    return activity.row();
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
    input.terminate();
  }

  @Override
  public void conflict() {
    input.conflict();
  }

  /** Ends the connection without a message, for an immediate stop. */
  @Override
  public void abandon() {
    proc.requestDie();
    close();
  }

  @Override
  public boolean isWalSender() {
    return activity.isReplication();
  }
}
