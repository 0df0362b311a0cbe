package phaistos.server.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import phaistos.server.errors.PgError;

/**
 * The server's settings: the given values, and defaults for the rest. Immutable; a reload creates a
 * new instance. Names are case-insensitive.
 */
public final class Settings {
  private final Map<String, String> given;

  private Settings(Map<String, String> given) {
    this.given = given;
  }

  public static Settings defaults() {
    return new Settings(new TreeMap<>());
  }

  /**
   * A copy with another value for one setting.
   *
   * @throws PgError 42704 for an unknown name, 22023 for a value that does not fit
   */
  public Settings with(String name, String value) {
    Parameter parameter = Parameters.named(name);
    Map<String, String> changed = new TreeMap<>(given);
    changed.put(parameter.name().toLowerCase(Locale.ROOT), parameter.canonical(value));
    return new Settings(changed);
  }

  /**
   * A copy with a value that a user gave for one setting, in a file or on the command line.
   *
   * @throws PgError 55P02 for a setting that cannot be changed, and as {@link #with(String,
   *     String)}
   */
  public Settings given(String name, String value) {
    Parameter parameter = Parameters.named(name);
    if (parameter.context() == Parameter.Context.INTERNAL) {
      throw PgError.error(
          "55P02", "parameter \"%s\" cannot be changed".formatted(parameter.name()));
    }
    Parameters.check(parameter, value);
    return with(name, value);
  }

  /** With the default for one setting. */
  public Settings without(String name) {
    Map<String, String> changed = new TreeMap<>(given);
    changed.remove(Parameters.named(name).name().toLowerCase(Locale.ROOT));
    return new Settings(changed);
  }

  /** A copy in which the values of {@code over} take precedence. */
  public Settings with(Settings over) {
    Map<String, String> changed = new TreeMap<>(given);
    changed.putAll(over.given);
    return new Settings(changed);
  }

  /**
   * Reads a configuration file: {@code name = value} lines, values in single quotes where needed,
   * {@code #} begins a comment.
   *
   * @throws PgError naming the file and the line
   */
  public static Settings parse(String file, String text) {
    Settings settings = defaults();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      List<String> words = words(line);
      if (words.isEmpty()) {
        continue;
      }
      if (words.size() != 2) {
        throw PgError.error("F0000", "syntax error in file \"%s\" line %d".formatted(file, number));
      }
      try {
        settings = settings.given(words.get(0), words.get(1));
      } catch (PgError e) {
        throw PgError.error(
            "F0000", "%s in file \"%s\" line %d".formatted(e.getMessage(), file, number));
      }
    }
    return settings;
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    int at = 0;
    while (at < line.length()) {
      char c = line.charAt(at);
      if (c == '#') {
        break;
      } else if (Character.isWhitespace(c) || c == '=' && words.size() == 1) {
        at++;
      } else if (c == '\'') {
        StringBuilder quoted = new StringBuilder();
        at++;
        while (at < line.length()) {
          if (line.charAt(at) == '\'') {
            if (at + 1 < line.length() && line.charAt(at + 1) == '\'') {
              at++;
            } else {
              break;
            }
          }
          quoted.append(line.charAt(at++));
        }
        at++;
        words.add(quoted.toString());
      } else {
        int from = at;
        while (at < line.length()
            && !Character.isWhitespace(line.charAt(at))
            && line.charAt(at) != '#'
            && !(line.charAt(at) == '=' && words.isEmpty())) {
          at++;
        }
        words.add(line.substring(from, at));
      }
    }
    return words;
  }

  /** The canonical value. */
  public String get(String name) {
    String value = given.get(name.toLowerCase(Locale.ROOT));
    return value != null ? value : Parameters.named(name).boot();
  }

  public boolean isGiven(String name) {
    return given.containsKey(name.toLowerCase(Locale.ROOT));
  }

  public boolean bool(String name) {
    return get(name).equals("on");
  }

  /** A number in the parameter's own unit. */
  public long number(String name) {
    return Long.parseLong(get(name));
  }

  /** A time setting in nanoseconds, whatever its unit. */
  public long nanos(String name) {
    long millis =
        switch (Parameters.named(name).unit()) {
          case MILLIS -> number(name);
          case SECONDS -> number(name) * 1000;
          case MINUTES -> number(name) * 60_000;
          case NONE, KILOBYTES, MEGABYTES, BLOCKS ->
              throw new IllegalArgumentException(name + " is no time");
        };
    return millis * 1_000_000;
  }

  /** As text for a configuration file. */
  public String format() {
    StringBuilder out = new StringBuilder();
    given.forEach(
        (name, value) ->
            out.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
    return out.toString();
  }
}
