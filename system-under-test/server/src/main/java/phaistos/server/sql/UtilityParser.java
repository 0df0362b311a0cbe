package phaistos.server.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Statement.Modes;

/** Parses transaction and utility commands: what belongs to no table. */
final class UtilityParser {
  private static final Pattern WORD =
      Pattern.compile("\"(?:[^\"]|\"\")*+\"|'(?:[^']|'')*+'|[A-Za-z_][A-Za-z_0-9.$]*|[^\\s]");

  private final List<String> words = new ArrayList<>();
  private int at;

  private UtilityParser(String text) {
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      words.add(matcher.group());
    }
  }

  /** Nothing if the text is not one of these commands. */
  static Optional<Statement> parse(String text) {
    int end = 0;
    while (end < text.length() && Character.isLetter(text.charAt(end))) {
      end++;
    }
    return switch (text.substring(0, end).toLowerCase(Locale.ROOT)) {
      case "begin", "start" -> Optional.of(new UtilityParser(text).begin());
      case "commit", "end" -> Optional.of(new UtilityParser(text).ending(new Statement.Commit()));
      case "abort" -> Optional.of(new UtilityParser(text).ending(new Statement.Rollback()));
      case "rollback" -> Optional.of(new UtilityParser(text).rollback());
      case "savepoint" -> Optional.of(new UtilityParser(text).named(1, Statement.Savepoint::new));
      case "release" -> Optional.of(new UtilityParser(text).release());
      case "set" -> Optional.of(new UtilityParser(text).set(text));
      case "reset" -> Optional.of(new UtilityParser(text).named(1, Statement.Reset::new));
      case "show" -> Optional.of(new UtilityParser(text).show());
      case "alter" -> new UtilityParser(text).alterSystem(text);
      case "checkpoint" -> Optional.of(new Statement.Checkpoint());
      case "discard" -> Optional.of(new Statement.NoEffect("DISCARD ALL"));
      case "deallocate" -> Optional.of(new Statement.NoEffect("DEALLOCATE ALL"));
      case "vacuum" -> Optional.of(new VacuumParser(new UtilityParser(text)).vacuum());
      case "analyze", "analyse" -> Optional.of(new VacuumParser(new UtilityParser(text)).analyze());
      case "call",
          "close",
          "cluster",
          "comment",
          "declare",
          "do",
          "execute",
          "explain",
          "fetch",
          "grant",
          "listen",
          "move",
          "notify",
          "prepare",
          "reassign",
          "refresh",
          "reindex",
          "revoke",
          "security",
          "unlisten" ->
          throw PgError.unsupported(text.substring(0, end).toUpperCase(Locale.ROOT));
      default -> Optional.empty();
    };
  }

  private Optional<Statement> alterSystem(String text) {
    if (!take("alter", "system")) {
      return Optional.empty();
    }
    boolean reset = take("reset");
    if (!reset && !take("set") || at >= words.size()) {
      throw PgError.error("42601", "syntax error in \"%s\"".formatted(text));
    }
    String name = words.get(at++);
    if (reset) {
      return Optional.of(new Statement.AlterSystem(name, Optional.empty()));
    }
    if (!take("=") && !take("to")) {
      throw PgError.error("42601", "syntax error in \"%s\"".formatted(text));
    }
    return Optional.of(new Statement.AlterSystem(name, Optional.of(value(text))));
  }

  boolean take(String... expected) {
    for (int i = 0; i < expected.length; i++) {
      if (at + i >= words.size() || !words.get(at + i).equalsIgnoreCase(expected[i])) {
        return false;
      }
    }
    at += expected.length;
    return true;
  }

  PgError syntax() {
    return at < words.size()
        ? PgError.error("42601", "syntax error at or near \"%s\"".formatted(words.get(at)))
        : PgError.error("42601", "syntax error at end of input");
  }

  /** Whether the last word was this one. */
  boolean isBehind(String word) {
    return at > 0 && words.get(at - 1).equals(word);
  }

  boolean atEnd() {
    return at >= words.size();
  }

  <T> T done(T statement) {
    if (at < words.size()) {
      throw syntax();
    }
    return statement;
  }

  /** The next word, an identifier. */
  String name() {
    if (at >= words.size()) {
      throw syntax();
    }
    return identifier(words.get(at++));
  }

  static String identifier(String word) {
    if (word.startsWith("\"") && word.length() >= 2) {
      return word.substring(1, word.length() - 1).replace("\"\"", "\"");
    }
    return word.toLowerCase(Locale.ROOT);
  }

  private Statement begin() {
    boolean begin = take("begin");
    if (!begin && !take("start", "transaction")) {
      throw syntax();
    }
    if (!take("work")) {
      take("transaction");
    }
    return done(new Statement.Begin(begin ? "BEGIN" : "START TRANSACTION", modes()));
  }

  private Modes modes() {
    Optional<String> isolation = Optional.empty();
    Optional<Boolean> readOnly = Optional.empty();
    while (at < words.size()) {
      if (take("isolation", "level")) {
        isolation = Optional.of(isolation());
      } else if (take("read", "only")) {
        readOnly = Optional.of(true);
      } else if (take("read", "write")) {
        readOnly = Optional.of(false);
      } else if (!take("not", "deferrable") && !take("deferrable") && !take(",")) {
        throw syntax();
      }
    }
    return new Modes(isolation, readOnly);
  }

  private String isolation() {
    for (String level :
        List.of("read committed", "read uncommitted", "repeatable read", "serializable")) {
      if (take(level.split(" "))) {
        return level;
      }
    }
    throw syntax();
  }

  private Statement ending(Statement statement) {
    at++;
    if (!take("work")) {
      take("transaction");
    }
    if (!take("and", "no", "chain") && take("and", "chain")) {
      throw PgError.unsupported("AND CHAIN");
    }
    if (take("prepared")) {
      throw PgError.unsupported("two-phase commit");
    }
    return done(statement);
  }

  private Statement rollback() {
    at++;
    if (!take("work")) {
      take("transaction");
    }
    if (take("to")) {
      take("savepoint");
      return done(new Statement.RollbackTo(name()));
    }
    at = 0;
    return ending(new Statement.Rollback());
  }

  private Statement release() {
    at++;
    take("savepoint");
    return done(new Statement.Release(name()));
  }

  private Statement named(int skip, java.util.function.Function<String, Statement> make) {
    at += skip;
    return done(make.apply(name()));
  }

  private Statement show() {
    at++;
    if (take("transaction", "isolation", "level")) {
      return done(new Statement.Show("transaction_isolation"));
    }
    if (take("time", "zone")) {
      return done(new Statement.Show("TimeZone"));
    }
    return done(new Statement.Show(name()));
  }

  private Statement set(String text) {
    at++;
    if (take("transaction")) {
      return new Statement.SetTransaction(modes(), false);
    }
    if (take("session", "characteristics", "as", "transaction")) {
      return new Statement.SetTransaction(modes(), true);
    }
    boolean local = take("local");
    if (!local) {
      take("session");
    }
    String name = take("time", "zone") ? "timezone" : name();
    if (!take("to") && !take("=") && !name.equals("timezone")) {
      throw syntax();
    }
    if (at >= words.size()) {
      throw syntax();
    }
    if (take("default")) {
      return done(new Statement.Set(name, Optional.empty(), local));
    }
    return new Statement.Set(name, Optional.of(value(text)), local);
  }

  /** One value, or a list of values, which is kept with commas between them. */
  private String value(String text) {
    StringBuilder value = new StringBuilder();
    while (at < words.size()) {
      String word = words.get(at++);
      if (word.startsWith("'")) {
        word = word.substring(1, word.length() - 1).replace("''", "'");
      } else if (word.equals(",")) {
        word = ", ";
      }
      value.append(word);
    }
    if (value.toString().contains(";")) {
      throw PgError.error("42601", "syntax error in \"%s\"".formatted(text));
    }
    return value.toString();
  }
}
