package phaistos.server.sql;

/**
 * A word of SQL.
 *
 * @param text folded for a word; the value for a string or a quoted identifier; else as written
 * @param from where it begins in the text
 * @param to where it ends
 */
record Token(Kind kind, String text, int from, int to) {
  enum Kind {
    WORD,
    QUOTED,
    NUMBER,
    STRING,
    PARAMETER,
    OPERATOR,
    END
  }

  boolean isWord(String word) {
    return kind == Kind.WORD && text.equals(word);
  }

  boolean isOperator(String operator) {
    return kind == Kind.OPERATOR && text.equals(operator);
  }
}
