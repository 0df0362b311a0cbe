package phaistos.server.sql;

import java.util.List;
import java.util.Optional;

/** SQL that changes rows or tables, parsed. */
public sealed interface Command {
  /** A table, view, index or function by its name. */
  record Name(Optional<String> schema, String name) {}

  record Select(Query query) implements Command {}

  record Insert(
      Name table,
      Optional<String> alias,
      List<String> columns,
      Optional<Query> rows,
      Optional<OnConflict> onConflict,
      List<Query.Item> returning)
      implements Command {}

  /**
   * ON CONFLICT.
   *
   * @param columns the target; empty for any
   * @param constraint or the target's constraint
   * @param set the assignments; empty for DO NOTHING
   */
  record OnConflict(
      List<String> columns,
      Optional<String> constraint,
      List<Assignment> set,
      Optional<Expression> where) {}

  record Assignment(String column, Expression value) {}

  record Update(
      Name table,
      Optional<String> alias,
      List<Assignment> set,
      Optional<Expression> where,
      List<Query.Item> returning)
      implements Command {}

  record Delete(
      Name table, Optional<String> alias, Optional<Expression> where, List<Query.Item> returning)
      implements Command {}

  /**
   * A column's definition.
   *
   * @param defaultSql the default's text
   */
  record Column(
      String name,
      TypeName type,
      boolean notNull,
      Optional<String> defaultSql,
      List<Constraint> constraints) {}

  /** A constraint of a table or of a column. */
  sealed interface Constraint {}

  /** PRIMARY KEY or UNIQUE. */
  record Key(Optional<String> name, boolean primary, List<String> columns) implements Constraint {}

  record Check(Optional<String> name, String sql) implements Constraint {}

  record CreateTable(
      Name table,
      boolean temporary,
      boolean ifNotExists,
      List<Column> columns,
      List<Constraint> constraints)
      implements Command {}

  record CreateIndex(
      Optional<String> name, boolean unique, boolean ifNotExists, Name table, List<String> columns)
      implements Command {}

  record AlterTable(Name table, boolean ifExists, Constraint add) implements Command {}

  /**
   * CREATE FUNCTION ... LANGUAGE SQL.
   *
   * @param returns "void", or a type
   */
  record CreateFunction(
      Name name,
      boolean replace,
      List<Argument> arguments,
      TypeName returns,
      boolean strict,
      String body)
      implements Command {}

  record Argument(Optional<String> name, TypeName type) {}

  /** DROP; {@code kind} is TABLE, INDEX or FUNCTION. */
  record Drop(String kind, List<Name> names, List<TypeName> arguments, boolean ifExists)
      implements Command {}

  record Truncate(List<Name> tables) implements Command {}

  /**
   * LOCK TABLE.
   *
   * @param mode in lower case: "access exclusive"
   */
  record LockTable(List<Name> tables, String mode, boolean noWait) implements Command {}

  /** COPY in text format. */
  record Copy(Name table, List<String> columns, boolean from) implements Command {}
}
