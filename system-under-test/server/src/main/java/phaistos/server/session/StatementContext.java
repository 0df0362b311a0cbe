package phaistos.server.session;

import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import phaistos.server.errors.PgError;
import phaistos.server.executor.Administration;
import phaistos.server.executor.Observed;
import phaistos.server.executor.SessionContext;
import phaistos.server.executor.Tables;
import phaistos.server.settings.Parameters;
import phaistos.server.settings.Settings;
import phaistos.server.sql.Statement;
import phaistos.server.state.ServerContext;
import phaistos.server.wire.MessageWriter;
import phaistos.server.xact.Proc;
import phaistos.server.xact.Transaction;

/** The interface of a session for its statements. */
final class StatementContext implements SessionContext {
  private static final long PROMOTE_POLL_NANOS = 100_000_000;

  private final SessionParts parts;
  private final ServerContext server;
  private final Proc proc;
  private final TransactionBlock block;
  private final SessionSettings settings;
  private final MessageWriter out;
  private final Supplier<String> user;
  private final Consumer<Optional<String>> deallocate;
  private int functionDepth;

  /** Of the plan that is being made; null if none is. */
  private List<BooleanSupplier> needs;

  /** The settings of repeatable read, and those that they were made from; null before. */
  private Settings repeatable;

  private Settings repeatableFrom;

  /**
   * @param deallocate DEALLOCATE; empty for all
   */
  StatementContext(
      SessionParts parts,
      Proc proc,
      TransactionBlock block,
      SessionSettings settings,
      MessageWriter out,
      Supplier<String> user,
      Consumer<Optional<String>> deallocate) {
    this.parts = parts;
    this.server = parts.server();
    this.proc = proc;
    this.block = block;
    this.settings = settings;
    this.out = out;
    this.user = user;
    this.deallocate = deallocate;
  }

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
    if (!block.isRepeatableRead()) {
      return now;
    }
    if (now != repeatableFrom) {
      repeatable = now.with("transaction_isolation", "repeatable read");
      repeatableFrom = now;
    }
    return repeatable;
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
      SessionSettings.warning(name, value).ifPresent(text -> out.warning("01000", text, ""));
    }
  }

  @Override
  public void notice(String sqlState, String message) {
    out.notice(sqlState, message);
  }

  @Override
  public void warning(String sqlState, String message) {
    out.warning(sqlState, message, "");
  }

  @Override
  public void deallocate(Optional<String> name) {
    deallocate.accept(name);
  }

  @Override
  public List<BooleanSupplier> planning(List<BooleanSupplier> now) {
    List<BooleanSupplier> before = needs;
    needs = now;
    return before;
  }

  @Override
  public void needs(BooleanSupplier need) {
    if (needs != null) {
      needs.add(need);
    }
  }

  @Override
  public int enterFunction() {
    return ++functionDepth;
  }

  @Override
  public void leaveFunction() {
    functionDepth--;
  }

  @Override
  public int pid() {
    return proc.pid();
  }

  @Override
  public String user() {
    return user.get();
  }

  @Override
  public long transactionStart() {
    return block.startedAt();
  }

  @Override
  public boolean promote(boolean wait, long waitSeconds) {
    if (server.state().isRunning()) {
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
}
