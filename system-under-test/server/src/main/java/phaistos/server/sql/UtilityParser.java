package phaistos.server.sql;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Statement.Modes;

/** Parses transaction and utility commands: what belongs to no table. */
final class UtilityParser {
  /** Commands of PostgreSQL that this server does not have, by their first word. */
  private static final Map<String, String> UNSUPPORTED =
      Map.ofEntries(
          Map.entry("call", "CALL"),
          Map.entry("close", "CLOSE"),
          Map.entry("cluster", "CLUSTER"),
          Map.entry("comment", "COMMENT ON"),
          Map.entry("declare", "DECLARE"),
          Map.entry("do", "DO"),
          Map.entry("execute", "EXECUTE"),
          Map.entry("explain", "EXPLAIN"),
          Map.entry("fetch", "FETCH"),
          Map.entry("grant", "GRANT"),
          Map.entry("import", "IMPORT FOREIGN SCHEMA"),
          Map.entry("listen", "LISTEN"),
          Map.entry("load", "LOAD"),
          Map.entry("merge", "MERGE"),
          Map.entry("move", "MOVE"),
          Map.entry("notify", "NOTIFY"),
          Map.entry("reassign", "REASSIGN OWNED"),
          Map.entry("refresh", "REFRESH MATERIALIZED VIEW"),
          Map.entry("reindex", "REINDEX"),
          Map.entry("revoke", "REVOKE"),
          Map.entry("security", "SECURITY LABEL"),
          Map.entry("unlisten", "UNLISTEN"));

  private final TokenReader in;

  private UtilityParser(TokenReader in) {
    this.in = in;
  }

  /** Nothing if the text is not one of these commands. */
  static Optional<Statement> parse(TokenReader in) {
    if (in.peek().kind() != Token.Kind.WORD) {
      return Optional.empty();
    }
    UtilityParser parser = new UtilityParser(in);
    String first = in.peek().text();
    if (UNSUPPORTED.containsKey(first)) {
      throw PgError.unsupported(UNSUPPORTED.get(first));
    }
    Statement statement =
        switch (first) {
          case "begin", "start" -> parser.begin();
          case "commit", "end" -> parser.ending(new Statement.Commit());
          case "abort" -> parser.ending(new Statement.Rollback());
          case "rollback" -> parser.rollback();
          case "savepoint" -> parser.savepoint();
          case "release" -> parser.release();
          case "set" -> parser.set();
          case "reset" -> parser.reset();
          case "show" -> parser.show();
          case "alter" -> in.peek(1).isWord("system") ? parser.alterSystem() : null;
          case "checkpoint" -> {
            in.next();
            yield new Statement.Checkpoint();
          }
          case "discard" -> parser.discard();
          case "deallocate" -> parser.deallocate();
          case "prepare" ->
              throw PgError.unsupported(
                  in.peek(1).isWord("transaction") ? "PREPARE TRANSACTION" : "PREPARE");
          case "vacuum" -> new VacuumParser(in).vacuum();
          case "analyze", "analyse" -> new VacuumParser(in).analyze();
          default -> null;
        };
    if (statement != null && !in.atEnd()) {
      throw in.syntax();
    }
    return Optional.ofNullable(statement);
  }

  private Statement alterSystem() {
    in.expect("alter", "system");
    if (in.take("reset")) {
      return new Statement.AlterSystem(setting(), Optional.empty());
    }
    in.expect("set");
    String name = setting();
    if (!in.take("to")) {
      in.expectOperator("=");
    }
    return in.take("default")
        ? new Statement.AlterSystem(name, Optional.empty())
        : new Statement.AlterSystem(name, Optional.of(value(name)));
  }

  /** The name of a setting, with a prefix if it has one. */
  private String setting() {
    StringBuilder name = new StringBuilder(in.label());
    while (in.takeOperator(".")) {
      name.append('.').append(in.label());
    }
    return name.toString();
  }

  private Statement begin() {
    boolean begin = in.take("begin");
    if (!begin) {
      in.expect("start", "transaction");
    } else if (!in.take("work")) {
      in.take("transaction");
    }
    return new Statement.Begin(begin ? "BEGIN" : "START TRANSACTION", modes());
  }

  private Modes modes() {
    Optional<String> isolation = Optional.empty();
    Optional<Boolean> readOnly = Optional.empty();
    while (!in.atEnd()) {
      if (in.take("isolation", "level")) {
        isolation = Optional.of(isolation());
      } else if (in.take("read", "only")) {
        readOnly = Optional.of(true);
      } else if (in.take("read", "write")) {
        readOnly = Optional.of(false);
      } else if (!in.take("not", "deferrable") && !in.take("deferrable") && !in.takeOperator(",")) {
        throw in.syntax();
      }
    }
    return new Modes(isolation, readOnly);
  }

  private String isolation() {
    for (String level :
        List.of("read committed", "read uncommitted", "repeatable read", "serializable")) {
      if (in.take(level.split(" "))) {
        return level;
      }
    }
    throw in.syntax();
  }

  private Statement ending(Statement statement) {
    String command = in.next().text().toUpperCase(Locale.ROOT);
    if (in.isWord("prepared")) {
      throw PgError.unsupported(command + " PREPARED");
    }
    if (!in.take("work")) {
      in.take("transaction");
    }
    if (!in.take("and", "no", "chain") && in.take("and", "chain")) {
      throw PgError.unsupported("AND CHAIN");
    }
    return statement;
  }

  private Statement rollback() {
    boolean work = in.peek(1).isWord("work") || in.peek(1).isWord("transaction");
    if (!in.peek(work ? 2 : 1).isWord("to")) {
      return ending(new Statement.Rollback());
    }
    in.next();
    if (work) {
      in.next();
    }
    in.expect("to");
    in.take("savepoint");
    return new Statement.RollbackTo(in.label());
  }

  private Statement savepoint() {
    in.next();
    return new Statement.Savepoint(in.label());
  }

  private Statement release() {
    in.next();
    in.take("savepoint");
    return new Statement.Release(in.label());
  }

  private Statement show() {
    in.next();
    return new Statement.Show(
        named(
            name -> {
              if (name.equals("all")) {
                throw PgError.unsupported("SHOW ALL");
              }
              return name;
            }));
  }

  private Statement reset() {
    in.next();
    return new Statement.Reset(
        named(
            name -> {
              refuseRole(name, "RESET");
              return name;
            }));
  }

  /** A setting by its name, or by words of the standard. */
  private String named(Function<String, String> check) {
    if (in.take("transaction", "isolation", "level")) {
      return "transaction_isolation";
    }
    if (in.take("time", "zone")) {
      return "TimeZone";
    }
    if (in.take("session", "authorization")) {
      return check.apply("session_authorization");
    }
    return check.apply(setting());
  }

  private static void refuseRole(String name, String command) {
    switch (name) {
      case "role" -> throw PgError.unsupported(command + " ROLE");
      case "session_authorization" -> throw PgError.unsupported(command + " SESSION AUTHORIZATION");
      default -> {
        // a setting
      }
    }
  }

  private Statement set() {
    in.next();
    if (in.take("transaction")) {
      if (in.isWord("snapshot")) {
        throw PgError.unsupported("SET TRANSACTION SNAPSHOT");
      }
      return new Statement.SetTransaction(modes(), false);
    }
    if (in.take("session", "characteristics", "as", "transaction")) {
      return new Statement.SetTransaction(modes(), true);
    }
    if (in.isWord("constraints")) {
      throw PgError.unsupported("SET CONSTRAINTS");
    }
    boolean local = in.take("local");
    if (!local && in.isWord("session") && !in.peek(1).isWord("authorization")) {
      in.next();
    }
    String special = in.isWord("xml") ? "SET XML OPTION" : "";
    if (!special.isEmpty()) {
      throw PgError.unsupported(special);
    }
    if (in.take("time", "zone")) {
      boolean unset = in.take("local") || in.take("default");
      return unset
          ? new Statement.Set("timezone", Optional.empty(), local)
          : new Statement.Set("timezone", Optional.of(value("timezone")), local);
    }
    if (in.take("names")) {
      return in.atEnd() || in.take("default")
          ? new Statement.Set("client_encoding", Optional.empty(), local)
          : new Statement.Set("client_encoding", Optional.of(value("client_encoding")), local);
    }
    if (in.take("schema")) {
      return new Statement.Set("search_path", Optional.of(value("search_path")), local);
    }
    if (in.isWord("session")) {
      refuseRole("session_authorization", "SET");
    }
    String name = setting();
    refuseRole(name, "SET");
    if (!in.take("to")) {
      in.expectOperator("=");
    }
    return in.take("default")
        ? new Statement.Set(name, Optional.empty(), local)
        : new Statement.Set(name, Optional.of(value(name)), local);
  }

  /** One value, or a list of values, which is kept with commas between them. */
  private String value(String name) {
    return String.join(", ", in.list(() -> single(name)));
  }

  private String single(String name) {
    String sign = in.takeOperator("-") ? "-" : in.takeOperator("+") ? "+" : "";
    Token token = in.next();
    return switch (token.kind()) {
      case NUMBER -> sign + token.text();
      case STRING, QUOTED, WORD -> {
        if (!sign.isEmpty()) {
          throw in.syntax();
        }
        if (token.isWord("interval") && name.equals("timezone")) {
          throw PgError.unsupported("SET TIME ZONE INTERVAL");
        }
        // names of zones keep their letters
        yield token.isWord("utc") ? "UTC" : token.text();
      }
      case PARAMETER, OPERATOR, END -> throw in.syntaxBefore();
    };
  }

  private Statement discard() {
    in.next();
    for (String what : List.of("all", "plans", "sequences", "temporary", "temp")) {
      if (in.take(what)) {
        return new Statement.Discard(what.equals("temporary") ? "temp" : what);
      }
    }
    throw in.syntax();
  }

  private Statement deallocate() {
    in.next();
    in.take("prepare");
    return new Statement.Deallocate(in.take("all") ? Optional.empty() : Optional.of(in.label()));
  }
}
