package phaistos.server.sql;

import java.util.List;
import java.util.Locale;
import phaistos.server.errors.PgError;

/** Parses VACUUM and ANALYZE, with options in parentheses or as words before the tables. */
final class VacuumParser {
  private final TokenReader in;
  private boolean freeze;
  private boolean indexCleanup;
  private boolean truncate = true;
  private boolean skipLocked;

  VacuumParser(TokenReader in) {
    this.in = in;
  }

  Statement vacuum() {
    in.next();
    if (in.takeOperator("(")) {
      options("VACUUM");
    } else {
      refuse(in.take("full"), "VACUUM FULL");
      freeze = in.take("freeze");
      refuse(in.take("verbose"), "VACUUM VERBOSE");
      if (!in.take("analyze")) {
        in.take("analyse");
      }
    }
    return statement("VACUUM");
  }

  Statement analyze() {
    in.next();
    if (in.takeOperator("(")) {
      options("ANALYZE");
    } else {
      refuse(in.take("verbose"), "ANALYZE VERBOSE");
    }
    return statement("ANALYZE");
  }

  private Statement statement(String tag) {
    Statement.VacuumOptions options =
        new Statement.VacuumOptions(freeze, indexCleanup, truncate, skipLocked);
    return new Statement.Vacuum(tag, options, tables());
  }

  private void options(String command) {
    in.list(
        () -> {
          String name = in.label();
          boolean bare = in.isOperator(",") || in.isOperator(")");
          option(command, name, bare ? "" : in.next().text());
          return name;
        });
    in.expectOperator(")");
  }

  private void option(String command, String name, String value) {
    boolean known =
        command.equals("VACUUM") || name.equals("verbose") || name.equals("skip_locked");
    switch (known ? name : "") {
      case "freeze" -> freeze = isOn(name, value);
      case "truncate" -> truncate = isOn(name, value);
      case "skip_locked" -> skipLocked = isOn(name, value);
      case "index_cleanup" -> {
        refuse(value.equals("off") || value.equals("false"), "INDEX_CLEANUP OFF");
        indexCleanup = !value.equals("auto") && isOn(name, value);
      }
      case "full" -> refuse(isOn(name, value), "VACUUM FULL");
      case "verbose" -> refuse(isOn(name, value), command + " VERBOSE");
      // VACUUM counts rows anyway, every page is read anyway, and nothing is out of line
      case "analyze", "analyse", "disable_page_skipping", "process_toast" -> isOn(name, value);
      case "parallel" -> {
        // a hint
      }
      default ->
          throw PgError.error("42601", "unrecognized %s option \"%s\"".formatted(command, name));
    }
  }

  private static boolean isOn(String name, String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "", "on", "true", "1" -> true;
      case "off", "false", "0" -> false;
      default -> throw PgError.error("42601", name + " requires a Boolean value");
    };
  }

  private static void refuse(boolean given, String what) {
    if (given) {
      throw PgError.unsupported(what);
    }
  }

  private List<Command.Name> tables() {
    return in.atEnd() ? List.of() : in.list(this::table);
  }

  private Command.Name table() {
    Command.Name name = in.qualifiedName();
    refuse(in.isOperator("("), "VACUUM or ANALYZE of columns");
    return name;
  }
}
