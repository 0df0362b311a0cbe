package phaistos.checker.durability;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A value of {@code synchronous_standby_names}: a commit waits for {@code count} of these standbys.
 * The standbys that FIRST chooses depend on who is connected. So an audit requires the same for
 * FIRST and ANY: at least {@code count} of the listed standbys have the commit.
 *
 * @param names lower case, as PostgreSQL compares them; {@code *} stands for any
 */
public record StandbyRule(Method method, int count, List<String> names) {
  /** How the standbys are chosen. */
  public enum Method {
    FIRST,
    ANY
  }

  /** The empty setting: no commit waits. */
  public static final StandbyRule NONE = new StandbyRule(Method.FIRST, 0, List.of());

  public StandbyRule {
    names = List.copyOf(names);
  }

  int countListed(Set<String> nodes) {
    return (int) nodes.stream().filter(this::lists).count();
  }

  /** Whether the standby of this name counts. */
  public boolean lists(String node) {
    return names.contains("*") || names.contains(node.toLowerCase(Locale.ROOT));
  }

  boolean isOpen() {
    return names.contains("*");
  }

  /**
   * Reads PostgreSQL's grammar (syncrep_gram.y): {@code [FIRST] n (list)}, {@code ANY n (list)}, or
   * a list alone, which is FIRST 1.
   *
   * @throws IllegalArgumentException if it is no such text
   */
  public static StandbyRule parse(String text) {
    List<String> tokens = tokens(text);
    if (tokens.isEmpty()) {
      return NONE;
    }
    Method method = Method.FIRST;
    int at = 0;
    String first = tokens.getFirst().toLowerCase(Locale.ROOT);
    boolean named = tokens.size() > 2 && tokens.get(2).equals("(");
    if (named && (first.equals("first") || first.equals("any"))) {
      method = first.equals("any") ? Method.ANY : Method.FIRST;
      at = 1;
    }
    boolean counted = tokens.size() > at + 1 && tokens.get(at + 1).equals("(");
    if (!counted) {
      return new StandbyRule(method, 1, list(tokens, text));
    }
    int count;
    try {
      count = Integer.parseInt(tokens.get(at));
    } catch (NumberFormatException e) {
      throw wrong(text);
    }
    if (count < 1 || !tokens.getLast().equals(")")) {
      throw wrong(text);
    }
    return new StandbyRule(method, count, list(tokens.subList(at + 2, tokens.size() - 1), text));
  }

  private static List<String> list(List<String> tokens, String text) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      String token = tokens.get(i);
      boolean comma = token.equals(",");
      if (comma != (i % 2 == 1) || token.equals("(") || token.equals(")")) {
        throw wrong(text);
      }
      if (!comma) {
        String name = token.startsWith("\"") ? token.substring(1) : token;
        names.add(name.toLowerCase(Locale.ROOT));
      }
    }
    if (names.isEmpty() || tokens.getLast().equals(",")) {
      throw wrong(text);
    }
    return names;
  }

  /** A quoted name keeps its opening quote, to distinguish it from a bracket or a comma. */
  private static List<String> tokens(String text) {
    List<String> tokens = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (Character.isWhitespace(c)) {
        at++;
      } else if (c == '(' || c == ')' || c == ',') {
        tokens.add(String.valueOf(c));
        at++;
      } else if (c == '"') {
        StringBuilder name = new StringBuilder("\"");
        at++;
        while (at < text.length() && (text.charAt(at) != '"' || text.startsWith("\"\"", at))) {
          at += text.charAt(at) == '"' ? 1 : 0;
          name.append(text.charAt(at++));
        }
        if (at == text.length()) {
          throw wrong(text);
        }
        at++;
        tokens.add(name.toString());
      } else {
        int from = at;
        while (at < text.length() && !Character.isWhitespace(c) && "(),\"".indexOf(c) < 0) {
          at++;
          c = at < text.length() ? text.charAt(at) : ' ';
        }
        tokens.add(text.substring(from, at));
      }
    }
    return tokens;
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "not a value of synchronous_standby_names: \""
            + text
            + "\" (for example ANY 1 (b, c), FIRST 2 (b, c), b, or *)");
  }

  @Override
  public String toString() {
    return count == 0 ? "" : method + " " + count + " (" + String.join(", ", names) + ")";
  }
}
