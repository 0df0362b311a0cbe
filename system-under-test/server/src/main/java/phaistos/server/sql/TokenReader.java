package phaistos.server.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import phaistos.server.errors.PgError;

/** Reads the tokens of one statement from left to right. */
final class TokenReader {
  /** Words that name no column and no table (kwlist.h, reserved). */
  private static final Set<String> RESERVED =
      Set.of(
          ("all analyse analyze and any array as asc asymmetric both case cast check collate column"
                  + " constraint create current_catalog current_date current_role current_time"
                  + " current_timestamp current_user default deferrable desc distinct do else end"
                  + " except false fetch for foreign from grant group having in initially intersect"
                  + " into lateral leading limit localtime localtimestamp not null offset on only"
                  + " or order placing primary references returning select session_user some"
                  + " symmetric table then to trailing true union unique user using variadic when"
                  + " where window with")
              .split(" "));

  /** Words that name a type or a function, but no column and no table. */
  private static final Set<String> TYPE_OR_FUNCTION =
      Set.of(
          ("authorization binary collation concurrently cross current_schema freeze full ilike"
                  + " inner is isnull join left like natural notnull outer overlaps right similar"
                  + " tablesample verbose")
              .split(" "));

  /** Words that are a column's label only after AS. */
  private static final Set<String> LABEL_NEEDS_AS =
      Set.of(
          ("array as char character create day except fetch filter for from grant group having hour"
                  + " intersect into isnull limit minute month notnull offset on order over"
                  + " overlaps precision returning second to union varying where window with"
                  + " within without year")
              .split(" "));

  private final String text;
  private final List<Token> tokens;
  private int at;
  private int highestParameter;

  TokenReader(String text) {
    this(text, Lexer.tokens(text));
  }

  /**
   * @param tokens of a part of the text, with an end, whose text is the semicolon if there is one
   */
  TokenReader(String text, List<Token> tokens) {
    this.text = text;
    this.tokens = tokens;
  }

  /** The text from the first token to the last. */
  String text() {
    return text.substring(tokens.getFirst().from(), tokens.getLast().to());
  }

  Token peek() {
    return tokens.get(at);
  }

  Token peek(int ahead) {
    return tokens.get(Math.min(at + ahead, tokens.size() - 1));
  }

  Token next() {
    Token token = tokens.get(at);
    if (token.kind() == Token.Kind.END) {
      throw syntax();
    }
    at++;
    if (token.kind() == Token.Kind.PARAMETER && token.text().length() < 6) {
      highestParameter = Math.max(highestParameter, Integer.parseInt(token.text()));
    }
    return token;
  }

  boolean atEnd() {
    return peek().kind() == Token.Kind.END;
  }

  int highestParameter() {
    return highestParameter;
  }

  /** Where the next token begins. */
  int from() {
    return peek().from();
  }

  /** The text from {@code from} to the end of the last token read. */
  String textSince(int from) {
    return text.substring(from, tokens.get(at - 1).to());
  }

  boolean isWord(String word) {
    return peek().isWord(word);
  }

  boolean isOperator(String operator) {
    return peek().isOperator(operator);
  }

  /** Takes these words if they come next, all of them or none. */
  boolean take(String... words) {
    for (int i = 0; i < words.length; i++) {
      if (!peek(i).isWord(words[i])) {
        return false;
      }
    }
    for (int i = 0; i < words.length; i++) {
      next();
    }
    return true;
  }

  boolean takeOperator(String operator) {
    if (!isOperator(operator)) {
      return false;
    }
    next();
    return true;
  }

  void expect(String... words) {
    for (String word : words) {
      if (!take(word)) {
        throw syntax();
      }
    }
  }

  void expectOperator(String operator) {
    if (!takeOperator(operator)) {
      throw syntax();
    }
  }

  /** A syntax error at the next token. */
  PgError syntax() {
    String found = atEnd() ? peek().text() : text.substring(peek().from(), peek().to());
    return PgError.error(
            "42601",
            found.isEmpty()
                ? "syntax error at end of input"
                : "syntax error at or near \"%s\"".formatted(found))
        .at(Lexer.position(text, peek().from()));
  }

  /** A syntax error at the token that was read last. */
  PgError syntaxBefore() {
    at--;
    return syntax();
  }

  private static boolean names(Token token) {
    return token.kind() == Token.Kind.QUOTED
        || token.kind() == Token.Kind.WORD
            && !RESERVED.contains(token.text())
            && !TYPE_OR_FUNCTION.contains(token.text());
  }

  static boolean isTypeOrFunction(String word) {
    return TYPE_OR_FUNCTION.contains(word);
  }

  static boolean isReserved(String word) {
    return RESERVED.contains(word);
  }

  /** Whether the next token names a column or a table. */
  boolean isName() {
    return names(peek());
  }

  /** The name of a column or a table. */
  String name() {
    if (!isName()) {
      throw syntax();
    }
    return next().text();
  }

  /** A name where every word will do: a column after a dot, or a label after AS. */
  String label() {
    if (peek().kind() != Token.Kind.WORD && peek().kind() != Token.Kind.QUOTED) {
      throw syntax();
    }
    return next().text();
  }

  /** A column's label, with or without AS. */
  Optional<String> columnAlias() {
    if (take("as")) {
      return Optional.of(label());
    }
    boolean bare =
        peek().kind() == Token.Kind.QUOTED
            || peek().kind() == Token.Kind.WORD && !LABEL_NEEDS_AS.contains(peek().text());
    return bare ? Optional.of(next().text()) : Optional.empty();
  }

  /** A table's alias, with or without AS. */
  Optional<String> tableAlias() {
    return take("as") || isName() ? Optional.of(name()) : Optional.empty();
  }

  Command.Name qualifiedName() {
    String first = name();
    if (!takeOperator(".")) {
      return new Command.Name(Optional.empty(), first);
    }
    String second = label();
    if (takeOperator(".")) {
      return new Command.Name(Optional.of(second), label());
    }
    return new Command.Name(Optional.of(first), second);
  }

  <T> List<T> list(Supplier<T> item) {
    List<T> items = new ArrayList<>();
    do {
      items.add(item.get());
    } while (takeOperator(","));
    return items;
  }

  /** Names in parentheses. */
  List<String> names() {
    expectOperator("(");
    List<String> names = list(this::name);
    expectOperator(")");
    return names;
  }
}
