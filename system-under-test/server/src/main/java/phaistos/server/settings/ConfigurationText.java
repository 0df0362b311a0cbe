package phaistos.server.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import phaistos.server.errors.PgError;

/**
 * Reads configuration files (guc-file.l): {@code name = value} or {@code name value} lines, values
 * in single quotes where needed, {@code #} begins a comment; {@code include}, {@code
 * include_if_exists} and {@code include_dir}. The last value of a name counts.
 */
final class ConfigurationText {
  private static final int DEPTH_MAX = 10;

  /** The files that may be included. */
  interface Files {
    Optional<String> read(String name);

    /** The names in a directory, sorted. */
    List<String> list(String directory);
  }

  /** For a text that includes no other. */
  static final Files NO_FILES =
      new Files() {
        @Override
        public Optional<String> read(String name) {
          throw PgError.error("0A000", "include directives are read in the data directory only");
        }

        @Override
        public List<String> list(String directory) {
          throw PgError.error("0A000", "include directives are read in the data directory only");
        }
      };

  private final Files files;
  private final List<String> problems = new ArrayList<>();
  private Settings settings = Settings.defaults();

  ConfigurationText(Files files) {
    this.files = files;
  }

  /**
   * @throws PgError naming file and line of each problem
   */
  Settings parse(String file, String text) {
    read(file, text, 0);
    if (!problems.isEmpty()) {
      throw PgError.error("F0000", String.join("; ", problems));
    }
    return settings;
  }

  private void read(String file, String text, int depth) {
    if (depth > DEPTH_MAX) {
      throw PgError.error(
          "F0000",
          "could not open configuration file \"%s\": maximum nesting depth exceeded"
              .formatted(file));
    }
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      try {
        take(words(line), depth);
      } catch (SyntaxException e) {
        problems.add("syntax error in file \"%s\" line %d".formatted(file, number));
      } catch (PgError e) {
        problems.add("%s in file \"%s\" line %d".formatted(e.getMessage(), file, number));
      }
    }
  }

  /** Not {@code name = value}. */
  private static final class SyntaxException extends Exception {
    private static final long serialVersionUID = 1;
  }

  private void take(List<String> words, int depth) throws SyntaxException {
    if (words.isEmpty()) {
      return;
    }
    if (words.size() != 2 || words.getFirst().isEmpty()) {
      throw new SyntaxException();
    }
    String value = words.get(1);
    switch (words.getFirst().toLowerCase(Locale.ROOT)) {
      case "include" ->
          read(
              value,
              files
                  .read(value)
                  .orElseThrow(
                      () ->
                          PgError.error(
                              "58P01",
                              ("could not open configuration file \"%s\": No such file or"
                                      + " directory")
                                  .formatted(value))),
              depth + 1);
      case "include_if_exists" -> {
        Optional<String> text = files.read(value);
        if (text.isPresent()) {
          read(value, text.get(), depth + 1);
        }
      }
      case "include_dir" -> {
        for (String name : files.list(value)) {
          if (name.endsWith(".conf") && !name.startsWith(".")) {
            String path = value + "/" + name;
            read(path, files.read(path).orElse(""), depth + 1);
          }
        }
      }
      default -> settings = settings.given(words.getFirst(), value);
    }
  }

  private static List<String> words(String line) throws SyntaxException {
    List<String> words = new ArrayList<>();
    int at = 0;
    while (at < line.length()) {
      char c = line.charAt(at);
      if (c == '#') {
        break;
      } else if (Character.isWhitespace(c) || c == '=' && words.size() == 1) {
        at++;
      } else if (c == '\'') {
        at = quoted(line, at + 1, words);
      } else {
        int from = at;
        while (at < line.length() && isBare(line.charAt(at), words.isEmpty())) {
          at++;
        }
        if (at == from) {
          throw new SyntaxException();
        }
        words.add(line.substring(from, at));
      }
    }
    return words;
  }

  private static boolean isBare(char c, boolean isName) {
    return !Character.isWhitespace(c) && c != '#' && c != '\'' && !(c == '=' && isName);
  }

  /** Two quotes, or a backslash before one, mean a quote. Answers where the value has ended. */
  private static int quoted(String line, int from, List<String> words) throws SyntaxException {
    StringBuilder value = new StringBuilder();
    for (int at = from; at < line.length(); at++) {
      char c = line.charAt(at);
      boolean last = at + 1 == line.length();
      if (c == '\'' && !last && line.charAt(at + 1) == '\'' || c == '\\' && !last) {
        value.append(line.charAt(++at));
      } else if (c == '\'') {
        words.add(value.toString());
        return at + 1;
      } else {
        value.append(c);
      }
    }
    throw new SyntaxException();
  }
}
