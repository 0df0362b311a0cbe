package phaistos.server.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import phaistos.server.errors.PgError;

/**
 * The setting synchronous_standby_names, parsed (syncrep_gram.y): {@code FIRST n (list)}, {@code
 * ANY n (list)}, {@code n (list)} or a plain list, which means FIRST 1.
 *
 * @param count how many standbys must answer; 0 with an empty list if commits wait for no standby
 * @param names in order of priority; {@code *} matches every standby
 */
public record StandbyNames(Method method, int count, List<String> names) {
  /** How the standbys that must answer are chosen. */
  public enum Method {
    /** FIRST: the first connected standbys of the list (SYNC_REP_PRIORITY). */
    FIRST,
    /** Any of the list (SYNC_REP_QUORUM). */
    ANY
  }

  public static final StandbyNames NONE = new StandbyNames(Method.FIRST, 0, List.of());

  public StandbyNames {
    names = List.copyOf(names);
  }

  /**
   * Reads the setting.
   *
   * @throws PgError 42601 or 22023 as PostgreSQL says it
   */
  public static StandbyNames parse(String text) {
    if (text.isBlank()) {
      return NONE;
    }
    StandbyNames parsed = new Parser(text).parse();
    if (parsed.count == 0) {
      throw PgError.error("22023", "number of synchronous standbys (0) must be greater than zero");
    }
    return parsed;
  }

  public boolean isEmpty() {
    return names.isEmpty();
  }

  /** The priority: 1 is the highest, 0 is not in the list. Under ANY all listed standbys have 1. */
  public int priority(String applicationName) {
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (name.equals("*") || name.equalsIgnoreCase(applicationName)) {
        return method == Method.ANY ? 1 : i + 1;
      }
    }
    return 0;
  }

  /** A token: punctuation stands as itself; names and numbers say whether they were quoted. */
  private record Token(String text, boolean word, boolean quoted) {
    boolean isNumber() {
      return word && !quoted && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** ANY and FIRST are key words: as names they need quotes. */
    boolean isName() {
      return word && !is("ANY") && !is("FIRST");
    }

    boolean is(String keyword) {
      return word && !quoted && text.toUpperCase(Locale.ROOT).equals(keyword);
    }
  }

  private static final class Parser {
    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int next;

    Parser(String text) {
      this.text = text;
    }

    StandbyNames parse() {
      split();
      StandbyNames parsed;
      if (peek(0).is("ANY") || peek(0).is("FIRST")) {
        Method method = peek(0).is("ANY") ? Method.ANY : Method.FIRST;
        next++;
        if (!peek(0).isNumber()) {
          throw syntax();
        }
        parsed = counted(method);
      } else if (peek(0).isNumber() && peek(1).text.equals("(") && !peek(1).word) {
        parsed = counted(Method.FIRST);
      } else {
        parsed = new StandbyNames(Method.FIRST, 1, list());
      }
      if (next < tokens.size()) {
        throw syntax();
      }
      return parsed;
    }

    private StandbyNames counted(Method method) {
      String number = tokens.get(next++).text;
      expect("(");
      List<String> names = list();
      expect(")");
      try {
        return new StandbyNames(method, Integer.parseInt(number), names);
      } catch (NumberFormatException e) {
        throw PgError.error("22023", "number of synchronous standbys is out of range: " + number);
      }
    }

    private List<String> list() {
      List<String> names = new ArrayList<>();
      do {
        if (!peek(0).isName()) {
          throw syntax();
        }
        names.add(tokens.get(next++).text);
      } while (peek(0).text.equals(",") && !peek(0).word && next++ >= 0);
      return names;
    }

    private void expect(String punctuation) {
      if (peek(0).word || !peek(0).text.equals(punctuation)) {
        throw syntax();
      }
      next++;
    }

    private Token peek(int ahead) {
      int at = next + ahead;
      return at < tokens.size() ? tokens.get(at) : new Token("", false, false);
    }

    private PgError syntax() {
      String where =
          next < tokens.size()
              ? "at or near \"%s\"".formatted(tokens.get(next).text)
              : "at end of input";
      return invalid("syntax error " + where);
    }

    private PgError invalid(String detail) {
      return PgError.error(
          "42601",
          "invalid value for parameter \"synchronous_standby_names\": \"%s\"".formatted(text),
          detail);
    }

    private void split() {
      int at = 0;
      while (at < text.length()) {
        char c = text.charAt(at);
        if (Character.isWhitespace(c)) {
          at++;
        } else if (c == '"') {
          at = quoted(at + 1);
        } else if (c == '*') {
          tokens.add(new Token("*", true, true));
          at++;
        } else if (isWord(c) && c != '$') {
          int from = at;
          while (at < text.length()
              && (isDigit(c) ? isDigit(text.charAt(at)) : isWord(text.charAt(at)))) {
            at++;
          }
          tokens.add(new Token(text.substring(from, at), true, false));
        } else {
          tokens.add(new Token(String.valueOf(c), false, false));
          at++;
        }
      }
    }

    private int quoted(int from) {
      StringBuilder name = new StringBuilder();
      for (int at = from; at < text.length(); at++) {
        if (text.charAt(at) != '"') {
          name.append(text.charAt(at));
        } else if (at + 1 < text.length() && text.charAt(at + 1) == '"') {
          name.append('"');
          at++;
        } else {
          tokens.add(new Token(name.toString(), true, true));
          return at + 1;
        }
      }
      throw invalid("unterminated quoted identifier at end of input");
    }

    private static boolean isWord(char c) {
      return c == '_' || c == '$' || c > 127 || isDigit(c) || Character.isLetter(c);
    }

    private static boolean isDigit(char c) {
      return c >= '0' && c <= '9';
    }
  }
}
