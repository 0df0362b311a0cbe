package phaistos.server.sql;

import java.util.ArrayList;
import java.util.List;

/** Cuts the text of a simple query at the semicolons that end statements. */
final class Splitter {
  private Splitter() {}

  /** The statements that are not empty, each without what stands around it. */
  static List<TokenReader> split(String text) {
    List<TokenReader> parts = new ArrayList<>();
    List<Token> part = new ArrayList<>();
    for (Token token : Lexer.tokens(text)) {
      boolean ends = token.kind() == Token.Kind.END || token.isOperator(";");
      if (!ends) {
        part.add(token);
      } else if (!part.isEmpty()) {
        int end = part.getLast().to();
        part.add(new Token(Token.Kind.END, token.text(), end, end));
        parts.add(new TokenReader(text, part));
        part = new ArrayList<>();
      }
    }
    return parts;
  }
}
