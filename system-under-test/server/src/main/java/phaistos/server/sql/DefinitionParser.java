package phaistos.server.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import phaistos.server.errors.PgError;

/** Parses CREATE, DROP and ALTER of tables, indexes and functions. */
final class DefinitionParser {
  /** What PostgreSQL can create, alter or drop besides; longer names first. */
  private static final List<String> OTHERS =
      List.of(
          "access method",
          "aggregate",
          "cast",
          "collation",
          "constraint trigger",
          "conversion",
          "database",
          "default privileges",
          "default conversion",
          "domain",
          "event trigger",
          "extension",
          "foreign data wrapper",
          "foreign table",
          "function",
          "group",
          "index",
          "language",
          "large object",
          "materialized view",
          "operator class",
          "operator family",
          "operator",
          "owned",
          "policy",
          "procedural language",
          "procedure",
          "publication",
          "recursive view",
          "role",
          "routine",
          "rule",
          "schema",
          "sequence",
          "server",
          "statistics",
          "subscription",
          "tablespace",
          "text search configuration",
          "text search dictionary",
          "text search parser",
          "text search template",
          "transform",
          "trigger",
          "trusted language",
          "type",
          "unlogged table",
          "user mapping",
          "user",
          "view");

  private final TokenReader in;
  private final QueryParser queries;
  private final ExpressionParser expressions;

  DefinitionParser(TokenReader in, QueryParser queries) {
    this.in = in;
    this.queries = queries;
    this.expressions = queries.expressions();
  }

  Command command() {
    if (in.take("drop")) {
      return drop();
    }
    if (in.take("alter")) {
      return alter();
    }
    in.expect("create");
    boolean replace = in.take("or", "replace");
    if (in.take("function")) {
      return new FunctionParser(in, expressions).function(replace);
    }
    boolean temporary = in.take("temporary") || in.take("temp");
    if (in.take("table")) {
      return table(temporary);
    }
    boolean unique = in.take("unique");
    if (in.take("index")) {
      return index(unique);
    }
    throw other("CREATE");
  }

  private PgError other(String verb) {
    return OTHERS.stream()
        .filter(kind -> in.take(kind.split(" ")))
        .findFirst()
        .map(kind -> PgError.unsupported(verb + " " + kind.toUpperCase(Locale.ROOT)))
        .orElseGet(in::syntax);
  }

  private boolean ifNotExists() {
    return in.take("if", "not", "exists");
  }

  private Command table(boolean temporary) {
    boolean ifNotExists = ifNotExists();
    Command.Name name = in.qualifiedName();
    if (in.isWord("on") || in.isWord("using") || in.isWord("with") || in.isWord("tablespace")) {
      throw PgError.unsupported("CREATE TABLE AS");
    }
    if (in.isWord("as") || in.isWord("partition") || in.isWord("of")) {
      throw PgError.unsupported("CREATE TABLE " + in.next().text().toUpperCase(Locale.ROOT));
    }
    in.expectOperator("(");
    List<Command.Column> columns = new ArrayList<>();
    List<Command.Constraint> constraints = new ArrayList<>();
    while (!in.isOperator(")")) {
      Optional<String> label = in.take("constraint") ? Optional.of(in.name()) : Optional.empty();
      Optional<Command.Constraint> constraint = constraint(label);
      if (constraint.isPresent()) {
        constraints.add(constraint.get());
      } else if (label.isPresent()) {
        throw in.syntax();
      } else {
        columns.add(column(name.name()));
      }
      if (!in.isOperator(")")) {
        in.expectOperator(",");
        if (in.isOperator(")")) {
          throw in.syntax();
        }
      }
    }
    in.expectOperator(")");
    if (columns.isEmpty()) {
      throw PgError.unsupported("CREATE TABLE without columns");
    }
    storage();
    if (in.take("on", "commit")) {
      if (!in.take("preserve", "rows")) {
        throw PgError.unsupported("ON COMMIT " + in.next().text().toUpperCase(Locale.ROOT));
      }
    }
    if (in.isWord("inherits")
        || in.isWord("partition")
        || in.isWord("using")
        || in.isWord("tablespace")) {
      throw PgError.unsupported(in.next().text().toUpperCase(Locale.ROOT));
    }
    return new Command.CreateTable(name, temporary, ifNotExists, columns, constraints);
  }

  /** WITH (...): a fillfactor of 100, which is the only one that this server has. */
  private void storage() {
    if (!in.take("with")) {
      return;
    }
    in.expectOperator("(");
    in.list(
        () -> {
          String option = in.label();
          if (in.takeOperator(".")) {
            option += "." + in.label();
          }
          String value = in.takeOperator("=") ? in.next().text() : "";
          if (!option.equals("fillfactor") || !value.equals("100")) {
            throw PgError.unsupported(
                "storage parameter \"%s\"%s"
                    .formatted(option, option.equals("fillfactor") ? " other than 100" : ""));
          }
          return option;
        });
    in.expectOperator(")");
  }

  private Optional<Command.Constraint> constraint(Optional<String> label) {
    if (in.isWord("primary") || in.isWord("unique")) {
      boolean primary = in.take("primary");
      if (primary) {
        in.expect("key");
      } else {
        in.next();
      }
      List<String> columns = keyColumns();
      storage();
      deferrable();
      return Optional.of(new Command.Key(label, primary, columns));
    }
    if (in.isWord("check")) {
      return Optional.of(check(label));
    }
    if (in.isWord("foreign") || in.isWord("exclude") || in.isWord("like")) {
      throw PgError.unsupported(
          in.isWord("foreign") ? "FOREIGN KEY" : in.next().text().toUpperCase(Locale.ROOT));
    }
    return Optional.empty();
  }

  private void deferrable() {
    if (in.take("not", "deferrable")) {
      return;
    }
    if (in.isWord("deferrable") || in.isWord("initially")) {
      throw PgError.unsupported("DEFERRABLE");
    }
  }

  private Command.Check check(Optional<String> label) {
    in.expect("check");
    in.expectOperator("(");
    int from = in.from();
    expressions.expression();
    String sql = in.textSince(from);
    in.expectOperator(")");
    return new Command.Check(label, sql);
  }

  /** Columns in parentheses; an expression there is not supported. */
  List<String> keyColumns() {
    in.expectOperator("(");
    List<String> columns =
        in.list(
            () -> {
              if (!in.isName() || in.peek(1).isOperator("(")) {
                throw PgError.unsupported("index on an expression");
              }
              String name = in.name();
              in.take("asc");
              if (in.peek().kind() == Token.Kind.WORD) {
                throw PgError.unsupported(
                    "index with " + in.next().text().toUpperCase(Locale.ROOT));
              }
              return name;
            });
    in.expectOperator(")");
    return columns;
  }

  private Command.Column column(String table) {
    String name = in.name();
    TypeName type = expressions.type();
    Optional<Boolean> notNull =
        type.name().contains("serial") ? Optional.of(true) : Optional.empty();
    Optional<String> defaultSql = Optional.empty();
    List<Command.Constraint> constraints = new ArrayList<>();
    while (!in.isOperator(",") && !in.isOperator(")")) {
      Optional<String> label = in.take("constraint") ? Optional.of(in.name()) : Optional.empty();
      if (in.take("not", "null")) {
        notNull = Optional.of(declared(true, notNull, name, table));
      } else if (in.take("null")) {
        notNull = Optional.of(declared(false, notNull, name, table));
      } else if (in.take("default")) {
        if (defaultSql.isPresent()) {
          throw PgError.error(
              "42601",
              "multiple default values specified for column \"%s\" of table \"%s\""
                  .formatted(name, table));
        }
        int from = in.from();
        expressions.bounded();
        defaultSql = Optional.of(in.textSince(from));
      } else if (in.take("primary", "key")) {
        constraints.add(new Command.Key(label, true, List.of(name)));
        deferrable();
      } else if (in.take("unique")) {
        constraints.add(new Command.Key(label, false, List.of(name)));
        deferrable();
      } else if (in.isWord("check")) {
        constraints.add(check(label));
      } else if (in.isWord("references") || in.isWord("generated")) {
        throw PgError.unsupported(in.isWord("references") ? "FOREIGN KEY" : "GENERATED column");
      } else if (in.take("collate")) {
        expressions.collation();
      } else {
        throw in.syntax();
      }
    }
    return new Command.Column(name, type, notNull.orElse(false), defaultSql, constraints);
  }

  private static boolean declared(
      boolean notNull, Optional<Boolean> before, String column, String table) {
    if (before.isPresent() && before.get() != notNull) {
      throw PgError.error(
          "42601",
          "conflicting NULL/NOT NULL declarations for column \"%s\" of table \"%s\""
              .formatted(column, table));
    }
    return notNull;
  }

  private Command index(boolean unique) {
    if (in.isWord("concurrently")) {
      throw PgError.unsupported("CREATE INDEX CONCURRENTLY");
    }
    boolean ifNotExists = ifNotExists();
    Optional<String> name = in.isWord("on") ? Optional.empty() : Optional.of(in.name());
    in.expect("on");
    Command.Name table = in.qualifiedName();
    if (in.take("using") && !in.take("btree")) {
      throw PgError.unsupported("index of type " + in.next().text());
    }
    List<String> columns = keyColumns();
    if (in.isWord("where") || in.isWord("include")) {
      throw PgError.unsupported("index with " + in.next().text().toUpperCase(Locale.ROOT));
    }
    storage();
    return new Command.CreateIndex(name, unique, ifNotExists, table, columns);
  }

  private Command drop() {
    Token kind = in.peek();
    if (!kind.isWord("table") && !kind.isWord("index") && !kind.isWord("function")) {
      throw other("DROP");
    }
    in.next();
    if (kind.isWord("index") && in.isWord("concurrently")) {
      throw PgError.unsupported("DROP INDEX CONCURRENTLY");
    }
    boolean ifExists = in.take("if", "exists");
    List<TypeName> arguments = new ArrayList<>();
    List<Command.Name> names =
        in.list(
            () -> {
              Command.Name name = in.qualifiedName();
              if (kind.isWord("function") && in.takeOperator("(")) {
                while (!in.takeOperator(")")) {
                  arguments.add(expressions.type());
                  if (!in.isOperator(")")) {
                    in.expectOperator(",");
                  }
                }
              }
              return name;
            });
    if (!in.take("cascade")) {
      in.take("restrict");
    }
    return new Command.Drop(kind.text().toUpperCase(Locale.ROOT), names, arguments, ifExists);
  }

  private Command alter() {
    if (!in.take("table")) {
      throw other("ALTER");
    }
    boolean ifExists = in.take("if", "exists");
    in.take("only");
    Command.Name table = in.qualifiedName();
    if (in.take("add")) {
      Optional<String> label = in.take("constraint") ? Optional.of(in.name()) : Optional.empty();
      Optional<Command.Constraint> constraint = constraint(label);
      if (constraint.isPresent()) {
        if (in.isOperator(",")) {
          throw PgError.unsupported("several changes in one ALTER TABLE");
        }
        return new Command.AlterTable(table, ifExists, constraint.get());
      }
      throw PgError.unsupported("ALTER TABLE ADD COLUMN");
    }
    if (in.peek().kind() == Token.Kind.WORD) {
      throw PgError.unsupported("ALTER TABLE " + in.next().text().toUpperCase(Locale.ROOT));
    }
    throw in.syntax();
  }
}
