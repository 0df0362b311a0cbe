package phaistos.server.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import phaistos.server.errors.PgError;

/** Parses VACUUM and ANALYZE, with options in parentheses or as words before the tables. */
final class VacuumParser {
  private final UtilityParser words;
  private boolean freeze;
  private boolean indexCleanup;
  private boolean truncate = true;

  VacuumParser(UtilityParser words) {
    this.words = words;
  }

  Statement vacuum() {
    words.name();
    if (words.take("(")) {
      options();
    } else {
      refuse(words.take("full"), "VACUUM FULL");
      freeze = words.take("freeze");
      refuse(words.take("verbose"), "VACUUM VERBOSE");
      if (!words.take("analyze")) {
        words.take("analyse");
      }
    }
    Statement.VacuumOptions options = new Statement.VacuumOptions(freeze, indexCleanup, truncate);
    return new Statement.Vacuum("VACUUM", options, tables());
  }

  /** This server keeps no statistics of columns, so ANALYZE has nothing to do. */
  Statement analyze() {
    words.name();
    if (words.take("(")) {
      options();
    } else {
      refuse(words.take("verbose"), "ANALYZE VERBOSE");
    }
    return new Statement.Vacuum("ANALYZE", Statement.VacuumOptions.NONE, tables());
  }

  private void options() {
    do {
      String name = words.name();
      String value = words.take(",") || words.take(")") ? "" : words.name();
      option(name, value);
      if (!value.isEmpty() && !words.take(",") && !words.take(")")) {
        throw words.syntax();
      }
    } while (!words.isBehind(")"));
  }

  private void option(String name, String value) {
    switch (name) {
      case "freeze" -> freeze = isOn(name, value);
      case "truncate" -> truncate = isOn(name, value);
      case "index_cleanup" -> {
        refuse(value.equals("off") || value.equals("false"), "INDEX_CLEANUP OFF");
        indexCleanup = !value.equals("auto") && isOn(name, value);
      }
      case "full" -> refuse(isOn(name, value), "VACUUM FULL");
      case "verbose" -> refuse(isOn(name, value), "VACUUM VERBOSE");
      // every page is read anyway, no lock is waited for, and nothing is out of line
      case "analyze", "analyse", "disable_page_skipping", "skip_locked", "process_toast" ->
          isOn(name, value);
      case "parallel" -> {
        // a hint
      }
      default -> throw PgError.error("42601", "unrecognized VACUUM option \"%s\"".formatted(name));
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

  private List<String> tables() {
    List<String> tables = new ArrayList<>();
    if (words.atEnd()) {
      return tables;
    }
    do {
      tables.add(words.name());
    } while (words.take(","));
    return words.done(tables);
  }
}
