package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.formats.Lsn;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Expression;
import phaistos.server.types.Datum;
import phaistos.server.types.Numbers;
import phaistos.server.types.SqlType;
import phaistos.server.types.TypeText;
import phaistos.server.wal.Wal;

/** SQL functions that look at one row, or at the server. */
final class Functions {
  private static final String VERSION =
      "PostgreSQL 15.18 (Phaistos) on the Java virtual machine, 64-bit";

  private final Compiler compiler;

  Functions(Compiler compiler) {
    this.compiler = compiler;
  }

  /** A function that is called without parentheses. */
  static Expr keyword(String name) {
    return switch (name) {
      case "current_user", "current_role", "session_user", "user" ->
          new Expr(SqlType.NAME, frame -> Datum.of(frame.session().user()));
      case "current_catalog" -> Expr.constant(SqlType.NAME, Datum.of("postgres"));
      case "current_schema" -> Expr.constant(SqlType.NAME, Datum.of("public"));
      case "current_date" ->
          new Expr(
              SqlType.DATE,
              frame ->
                  Casts.cast(
                      Datum.of(frame.session().transactionStart()),
                      SqlType.TIMESTAMPTZ,
                      SqlType.DATE));
      default ->
          new Expr(
              name.equals("localtimestamp") ? SqlType.TIMESTAMP : SqlType.TIMESTAMPTZ,
              frame -> Datum.of(frame.session().transactionStart()));
    };
  }

  static String text(Datum value, SqlType type) {
    return TypeText.format(value, type);
  }

  Expr compile(Expression.Call call) {
    String name = call.name();
    List<Expr> given = new ArrayList<>();
    call.arguments().forEach(argument -> given.add(compiler.compile(argument)));
    Optional<Expr> own = FunctionCalls.compile(name, given, compiler);
    if (own.isPresent()) {
      return own.get();
    }
    Optional<Expr> scalar = new ScalarFunctions(name, given).compile();
    if (scalar.isPresent()) {
      return scalar.get();
    }
    if (!given.isEmpty() && given.getFirst().isUnknown() && CatalogFunctions.isSize(name)) {
      given.set(
          0, Names.cast(given.getFirst(), SqlType.REGCLASS, compiler.environment().session()));
    }
    Optional<Expr> catalog = CatalogFunctions.compile(name, given);
    if (catalog.isPresent()) {
      return catalog.get();
    }
    List<Expr> arguments = given.stream().map(argument -> argument.known(wanted(name))).toList();
    try {
      return server(name, arguments)
          .or(() -> TransactionFunctions.compile(name, arguments))
          .or(() -> wal(name, arguments))
          .or(() -> control(name, arguments))
          .orElseThrow(
              () ->
                  PostgresFunctions.NAMES.contains(name)
                      ? PgError.unsupported("function " + name)
                      : missing(name, given));
    } catch (IndexOutOfBoundsException | java.util.NoSuchElementException e) {
      // it was given fewer arguments than it takes
      throw missing(name, given);
    }
  }

  /** The type of a quoted literal as an argument. */
  private static SqlType wanted(String name) {
    return switch (name) {
      case "pg_wal_lsn_diff", "pg_walfile_name" -> SqlType.PG_LSN;
      case "txid_status", "pg_size_pretty" -> SqlType.INT8;
      case "pg_xact_status" -> SqlType.XID8;
      case "pg_sleep" -> SqlType.FLOAT8;
      case "pg_cancel_backend", "pg_terminate_backend" -> SqlType.INT4;
      default -> SqlType.TEXT;
    };
  }

  static PgError notUnique(String name, List<Expr> arguments) {
    List<String> types = arguments.stream().map(a -> a.type().label()).toList();
    return PgError.withHint(
        "42725",
        "function %s(%s) is not unique".formatted(name, String.join(", ", types)),
        "Could not choose a best candidate function. You might need to add explicit type casts.");
  }

  static PgError missing(String name, List<Expr> arguments) {
    List<String> types = arguments.stream().map(a -> a.type().label()).toList();
    return PgError.withHint(
        "42883",
        "function %s(%s) does not exist".formatted(name, String.join(", ", types)),
        "No function matches the given name and argument types. You might need to add explicit"
            + " type casts.");
  }

  static Expr of(SqlType type, java.util.function.Function<SessionContext, Datum> eval) {
    return new Expr(type, frame -> eval.apply(frame.session()));
  }

  private static Optional<Expr> server(String name, List<Expr> arguments) {
    return switch (name) {
      case "version" -> Optional.of(Expr.constant(SqlType.TEXT, Datum.of(VERSION)));
      case "current_database" -> Optional.of(Expr.constant(SqlType.NAME, Datum.of("postgres")));
      case "current_schema" -> Optional.of(Expr.constant(SqlType.NAME, Datum.of("public")));
      case "pg_backend_pid" -> Optional.of(of(SqlType.INT4, s -> Datum.of(s.pid())));
      case "pg_postmaster_start_time" ->
          Optional.of(of(SqlType.TIMESTAMPTZ, s -> Datum.of(s.observed().startedAt())));
      case "now", "transaction_timestamp", "statement_timestamp" ->
          Optional.of(of(SqlType.TIMESTAMPTZ, s -> Datum.of(s.transactionStart())));
      case "clock_timestamp" ->
          Optional.of(of(SqlType.TIMESTAMPTZ, s -> Datum.of(s.server().now())));
      case "current_setting" -> Optional.of(currentSetting(arguments));
      case "set_config" -> Optional.of(setConfig(arguments));
      case "random" ->
          Optional.of(
              of(
                  SqlType.FLOAT8,
                  s -> new Datum.Float(s.server().environment().randomness().nextDouble())));
      case "pg_sleep" -> Optional.of(sleep(arguments));
      default -> Optional.empty();
    };
  }

  private static Expr currentSetting(List<Expr> arguments) {
    return new Expr(
        SqlType.TEXT,
        frame -> {
          String setting = text(arguments.getFirst().of(frame), SqlType.TEXT);
          boolean missingOk = arguments.size() > 1 && arguments.get(1).of(frame).equals(Datum.TRUE);
          if (missingOk && !isKnown(frame.session(), setting)) {
            return Datum.NULL;
          }
          return Datum.of(shown(frame.session(), setting));
        });
  }

  /** A name that is in no table exists once it was given a value. */
  private static boolean isKnown(SessionContext session, String setting) {
    return phaistos.server.settings.Parameters.exists(setting)
        || session.settings().isGiven(setting);
  }

  /** A setting as SHOW gives it. */
  static String shown(SessionContext session, String setting) {
    if (!isKnown(session, setting)) {
      throw PgError.error(
          "42704", "unrecognized configuration parameter \"%s\"".formatted(setting));
    }
    boolean recovery = !session.server().state().isRunning();
    switch (setting.toLowerCase(java.util.Locale.ROOT)) {
      case "in_hot_standby" -> {
        return recovery ? "on" : "off";
      }
      case "transaction_read_only" -> {
        return recovery || session.transaction().isReadOnly() ? "on" : "off";
      }
      default -> {
        // what the configuration says
      }
    }
    return phaistos.server.settings.Parameters.named(setting)
        .shown(session.settings().get(setting));
  }

  private static Expr setConfig(List<Expr> arguments) {
    return new Expr(
        SqlType.TEXT,
        frame -> {
          String value = text(arguments.get(1).of(frame), SqlType.TEXT);
          boolean local = arguments.get(2).of(frame).equals(Datum.TRUE);
          String setting = text(arguments.getFirst().of(frame), SqlType.TEXT);
          frame.session().set(setting, Optional.of(value), local);
          return Datum.of(value);
        });
  }

  private static Expr sleep(List<Expr> arguments) {
    return new Expr(
        SqlType.VOID,
        frame -> {
          double seconds = Numbers.toDouble(arguments.getFirst().of(frame));
          var environment = frame.session().server().environment();
          long end = environment.clock().monotonicNanos() + (long) (seconds * 1e9);
          while (true) {
            frame.session().transaction().proc().latch().reset();
            frame.session().transaction().proc().checkInterrupts();
            long left = end - environment.clock().monotonicNanos();
            if (left <= 0) {
              return Datum.of("");
            }
            frame.session().transaction().proc().latch().await(left);
          }
        });
  }

  private static Optional<Expr> wal(String name, List<Expr> arguments) {
    return switch (name) {
      case "pg_is_in_recovery" ->
          Optional.of(of(SqlType.BOOL, s -> Datum.of(!s.server().state().isRunning())));
      case "pg_current_wal_lsn" ->
          Optional.of(of(SqlType.PG_LSN, s -> lsn(primaryWal(s).writtenLsn())));
      case "pg_current_wal_insert_lsn" ->
          Optional.of(of(SqlType.PG_LSN, s -> lsn(primaryWal(s).insertedLsn())));
      case "pg_current_wal_flush_lsn" ->
          Optional.of(of(SqlType.PG_LSN, s -> lsn(primaryWal(s).flushedLsn())));
      case "pg_switch_wal" ->
          Optional.of(of(SqlType.PG_LSN, s -> lsn(primaryWal(s).switchSegment())));
      case "pg_last_wal_receive_lsn" ->
          Optional.of(of(SqlType.PG_LSN, s -> lsn(s.observed().recovery().received())));
      case "pg_last_wal_replay_lsn" ->
          Optional.of(of(SqlType.PG_LSN, s -> lsn(s.observed().recovery().replayed())));
      case "pg_last_xact_replay_timestamp" ->
          Optional.of(
              of(
                  SqlType.TIMESTAMPTZ,
                  s -> {
                    long micros = s.observed().recovery().lastCommitTime();
                    return micros == 0 ? Datum.NULL : Datum.of(micros);
                  }));
      case "pg_wal_lsn_diff" ->
          Optional.of(
              new Expr(
                  SqlType.NUMERIC,
                  frame -> {
                    Datum a = arguments.get(0).of(frame);
                    Datum b = arguments.get(1).of(frame);
                    return a.isNull() || b.isNull()
                        ? Datum.NULL
                        : new Datum.Numeric(Operators.unsigned(a).subtract(Operators.unsigned(b)));
                  }));
      case "pg_size_pretty" -> Optional.of(SizePretty.compile(arguments));
      case "pg_walfile_name" ->
          Optional.of(
              new Expr(
                  SqlType.TEXT,
                  frame -> {
                    Wal wal = primaryWal(frame.session());
                    Datum at = arguments.getFirst().of(frame);
                    return at instanceof Datum.Int(long value)
                        ? Datum.of(
                            wal.layout()
                                .segmentName(wal.timeline(), new Lsn(Math.max(0, value - 1)))
                                .toString())
                        : Datum.NULL;
                  }));
      default -> Optional.empty();
    };
  }

  private static Wal primaryWal(SessionContext session) {
    if (!session.server().state().isRunning()) {
      throw PgError.withHint(
          "55000",
          "recovery is in progress",
          "WAL control functions cannot be executed during recovery.");
    }
    return session.observed().wal();
  }

  private static Datum lsn(Lsn lsn) {
    return lsn.isValid() ? Datum.of(lsn.value()) : Datum.NULL;
  }

  private static Optional<Expr> control(String name, List<Expr> arguments) {
    return switch (name) {
      case "phaistos_profile" ->
          Optional.of(
              new Expr(
                  SqlType.BOOL,
                  frame -> {
                    boolean on = arguments.getFirst().of(frame).equals(Datum.TRUE);
                    StatisticsViews.profile(frame.session(), on);
                    return Datum.of(on);
                  }));
      case "pg_promote" ->
          Optional.of(
              new Expr(
                  SqlType.BOOL,
                  frame -> {
                    if (frame.session().server().state().isRunning()) {
                      throw PgError.withHint(
                          "55000",
                          "recovery is not in progress",
                          "Recovery control functions can only be executed during recovery.");
                    }
                    boolean wait =
                        arguments.isEmpty() || arguments.get(0).of(frame).equals(Datum.TRUE);
                    long seconds =
                        arguments.size() < 2
                            ? 60
                            : (long) Numbers.toDouble(arguments.get(1).of(frame));
                    return Datum.of(frame.session().promote(wait, seconds));
                  }));
      case "pg_reload_conf" ->
          Optional.of(
              new Expr(
                  SqlType.BOOL,
                  frame -> {
                    frame.session().administration().reload();
                    return Datum.TRUE;
                  }));
      case "pg_stat_reset_slru" ->
          Optional.of(
              new Expr(
                  SqlType.VOID,
                  frame -> {
                    Datum slru = arguments.getFirst().of(frame);
                    Optional<String> wanted =
                        slru.isNull() ? Optional.empty() : Optional.of(text(slru, SqlType.TEXT));
                    SessionContext session = frame.session();
                    session.observed().slrus().reset(wanted, session.server().now());
                    return Datum.of("");
                  }));
      case "pg_cancel_backend", "pg_terminate_backend" ->
          Optional.of(
              new Expr(SqlType.BOOL, frame -> signal(name, arguments.getFirst().of(frame), frame)));
      default -> Optional.empty();
    };
  }

  /** pg_signal_backend. */
  private static Datum signal(String name, Datum pid, Frame frame) {
    if (!(pid instanceof Datum.Int(long number))) {
      return Datum.NULL;
    }
    var backend = frame.session().observed().backends().find((int) number);
    if (backend.isEmpty()) {
      frame
          .session()
          .warning("01000", "PID %d is not a PostgreSQL backend process".formatted(number));
    }
    backend.ifPresent(name.equals("pg_cancel_backend") ? b -> b.cancel() : b -> b.terminate());
    return Datum.of(backend.isPresent());
  }
}
