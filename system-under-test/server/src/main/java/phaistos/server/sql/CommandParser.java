package phaistos.server.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.server.errors.PgError;

/** Parses SQL that reads or changes rows or tables. */
final class CommandParser {
  private static final List<String> LOCK_MODES =
      List.of(
          "access share",
          "row share",
          "row exclusive",
          "share update exclusive",
          "share",
          "share row exclusive",
          "exclusive",
          "access exclusive");

  private final TokenReader in;
  private final QueryParser queries;
  private final ExpressionParser expressions;

  private CommandParser(TokenReader in) {
    this.in = in;
    this.queries = new QueryParser(in);
    this.expressions = queries.expressions();
  }

  /** The statement, of which nothing has been read yet. */
  static Statement.Sql parse(TokenReader in) {
    try {
      Command command = new CommandParser(in).command();
      if (!in.atEnd()) {
        throw in.syntax();
      }
      return new Statement.Sql(command, in.highestParameter());
    } catch (StackOverflowError e) {
      throw PgError.error("54001", "stack depth limit exceeded");
    }
  }

  /** An expression alone, as the catalog keeps it. */
  static Expression expression(String text) {
    TokenReader in = new TokenReader(text);
    Expression expression = new QueryParser(in).expressions().expression();
    if (!in.atEnd()) {
      throw in.syntax();
    }
    return expression;
  }

  private Command command() {
    if (queries.begins()) {
      Query query = queries.query();
      return new Command.Select(query);
    }
    Token first = in.peek();
    if (first.kind() != Token.Kind.WORD) {
      throw in.syntax();
    }
    return switch (first.text()) {
      case "insert" -> insert();
      case "update" -> update();
      case "delete" -> delete();
      case "truncate" -> truncate();
      case "copy" -> copy();
      case "lock" -> lock();
      case "create", "drop", "alter" -> new DefinitionParser(in, queries).command();
      default -> throw in.syntax();
    };
  }

  private Command insert() {
    in.expect("insert", "into");
    Command.Name table = in.qualifiedName();
    Optional<String> alias = in.take("as") ? Optional.of(in.name()) : Optional.empty();
    List<String> columns = List.of();
    if (in.isOperator("(") && !queries.begins()) {
      columns = in.names();
    }
    if (in.take("overriding")) {
      throw PgError.unsupported("OVERRIDING");
    }
    Optional<Query> rows = in.take("default", "values") ? Optional.empty() : Optional.of(rows());
    Optional<Command.OnConflict> conflict =
        in.take("on", "conflict") ? Optional.of(onConflict()) : Optional.empty();
    return new Command.Insert(table, alias, columns, rows, conflict, returning());
  }

  private Query rows() {
    if (!queries.begins()) {
      throw in.syntax();
    }
    return queries.query();
  }

  private List<Query.Item> returning() {
    return in.take("returning") ? queries.items() : List.of();
  }

  private Optional<Expression> where() {
    if (!in.take("where")) {
      return Optional.empty();
    }
    if (in.isWord("current") && in.peek(1).isWord("of")) {
      throw PgError.unsupported("WHERE CURRENT OF");
    }
    return Optional.of(expressions.expression());
  }

  private Command.OnConflict onConflict() {
    List<String> columns = List.of();
    Optional<String> constraint = Optional.empty();
    if (in.isOperator("(")) {
      columns = keyColumns();
      if (in.isWord("where")) {
        throw PgError.unsupported("ON CONFLICT with a partial index");
      }
    } else if (in.take("on", "constraint")) {
      constraint = Optional.of(in.name());
    }
    in.expect("do");
    if (in.take("nothing")) {
      return new Command.OnConflict(columns, constraint, List.of(), Optional.empty());
    }
    if (!in.isWord("update")) {
      throw in.syntax();
    }
    in.expect("update", "set");
    if (columns.isEmpty() && constraint.isEmpty()) {
      throw PgError.withHint(
          "42601",
          "ON CONFLICT DO UPDATE requires inference specification or constraint name",
          "For example, ON CONFLICT (column_name).");
    }
    List<Command.Assignment> set = assignments();
    return new Command.OnConflict(columns, constraint, set, where());
  }

  /** Columns of a key; an expression there is not supported. */
  private List<String> keyColumns() {
    return new DefinitionParser(in, queries).keyColumns();
  }

  private List<Command.Assignment> assignments() {
    List<Command.Assignment> all = new ArrayList<>();
    in.list(
        () -> {
          all.addAll(assignment());
          return all;
        });
    return all;
  }

  private List<Command.Assignment> assignment() {
    if (!in.isOperator("(")) {
      String column = in.label();
      if (in.isOperator("[") || in.isOperator(".")) {
        throw PgError.unsupported("assignment to a part of a column");
      }
      in.expectOperator("=");
      return List.of(new Command.Assignment(column, expressions.expression()));
    }
    List<String> columns = in.names();
    in.expectOperator("=");
    in.take("row");
    if (queries.begins()) {
      throw PgError.unsupported("assignment of a subquery's row");
    }
    in.expectOperator("(");
    List<Expression> values = expressions.list();
    in.expectOperator(")");
    if (values.size() != columns.size()) {
      throw PgError.error("42601", "number of columns does not match number of values");
    }
    List<Command.Assignment> made = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      made.add(new Command.Assignment(columns.get(i), values.get(i)));
    }
    return made;
  }

  private Command update() {
    in.expect("update");
    in.take("only");
    Command.Name table = in.qualifiedName();
    Optional<String> alias = in.isWord("set") ? Optional.empty() : in.tableAlias();
    in.expect("set");
    List<Command.Assignment> set = assignments();
    if (in.isWord("from")) {
      throw PgError.unsupported("UPDATE ... FROM");
    }
    return new Command.Update(table, alias, set, where(), returning());
  }

  private Command delete() {
    in.expect("delete", "from");
    in.take("only");
    Command.Name table = in.qualifiedName();
    Optional<String> alias = in.tableAlias();
    if (in.isWord("using")) {
      throw PgError.unsupported("DELETE ... USING");
    }
    return new Command.Delete(table, alias, where(), returning());
  }

  private Command truncate() {
    in.expect("truncate");
    in.take("table");
    in.take("only");
    List<Command.Name> tables = in.list(in::qualifiedName);
    if (in.isWord("restart")) {
      throw PgError.unsupported("RESTART IDENTITY");
    }
    in.take("continue", "identity");
    if (!in.take("cascade")) {
      in.take("restrict");
    }
    return new Command.Truncate(tables);
  }

  private Command lock() {
    in.expect("lock");
    in.take("table");
    in.take("only");
    List<Command.Name> tables =
        in.list(
            () -> {
              Command.Name table = in.qualifiedName();
              in.takeOperator("*");
              return table;
            });
    String mode = "access exclusive";
    if (in.take("in")) {
      mode =
          LOCK_MODES.stream()
              .filter(one -> in.take((one + " mode").split(" ")))
              .findFirst()
              .orElseThrow(in::syntax);
    }
    return new Command.LockTable(tables, mode, in.take("nowait"));
  }

  private Command copy() {
    in.expect("copy");
    if (in.isOperator("(")) {
      throw PgError.unsupported("COPY of a query");
    }
    Command.Name table = in.qualifiedName();
    List<String> columns = in.isOperator("(") ? in.names() : List.of();
    boolean from = in.take("from");
    if (!from) {
      in.expect("to");
    }
    if (!in.take(from ? "stdin" : "stdout")) {
      throw PgError.unsupported("COPY with a file or a program");
    }
    in.take("with");
    if (in.takeOperator("(")) {
      in.list(this::copyOption);
      in.expectOperator(")");
    } else if (!in.atEnd() && !in.take("freeze")) {
      throw PgError.unsupported("COPY option " + in.next().text());
    }
    return new Command.Copy(table, columns, from);
  }

  /** FORMAT text, and FREEZE, which is only a hint. */
  private String copyOption() {
    String name = in.label();
    String value = in.isOperator(",") || in.isOperator(")") ? "" : in.next().text();
    boolean known = name.equals("freeze") || name.equals("format") && value.equals("text");
    if (!known) {
      throw PgError.unsupported(("COPY option " + name + " " + value).strip());
    }
    return name;
  }
}
