package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import phaistos.server.catalog.Catalog;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Command;
import phaistos.server.sql.Expression;
import phaistos.server.sql.SqlParser;
import phaistos.server.types.SqlType;
import phaistos.server.xact.TableLockMode;
import phaistos.server.xact.Transaction;

/** CREATE TABLE, DROP TABLE, TRUNCATE and ALTER TABLE. */
final class Definitions {
  private Definitions() {}

  static Outcome create(Command.CreateTable create, SessionContext session) {
    boolean temporary =
        create.temporary() || create.table().schema().filter("pg_temp"::equals).isPresent();
    if (temporary && !session.server().state().isRunning()) {
      throw PgError.error("25006", "cannot execute CREATE TABLE in a read-only transaction");
    }
    if (!temporary) {
      Changes.requireWritable(session, "CREATE TABLE");
    }
    String name = name(create.table(), temporary);
    Catalog catalog = session.tables().catalog();
    Transaction own = session.transaction();
    boolean exists = catalog.find(name, own).filter(t -> t.isTemporary() == temporary).isPresent();
    if (create.ifNotExists() && exists) {
      session.notice("42P07", "relation \"%s\" already exists, skipping".formatted(name));
      return Outcome.tag("CREATE TABLE");
    }
    List<Table.Column> columns = new ArrayList<>();
    List<Command.Constraint> constraints = new ArrayList<>();
    for (Command.Column column : create.columns()) {
      SystemColumns.requireNone(column.name());
      if (columns.stream().anyMatch(other -> other.name().equals(column.name()))) {
        throw PgError.error(
            "42701", "column \"%s\" specified more than once".formatted(column.name()));
      }
      columns.add(column(column, name, session));
      constraints.addAll(column.constraints());
    }
    constraints.addAll(create.constraints());
    if (constraints.stream().filter(c -> c instanceof Command.Key k && k.primary()).count() > 1) {
      throw PgError.error(
          "42P16", "multiple primary keys for table \"%s\" are not allowed".formatted(name));
    }
    Constraints made = new Constraints(name, columns, catalog, session);
    Catalog.Shape shape =
        new Catalog.Shape(name, columns, made.checks(constraints), temporary ? session.pid() : 0);
    if (temporary) {
      Temporaries.dropLeft(session);
    }
    Table table = catalog.create(shape, own);
    session.tables().sequences().create(table, own);
    Table indexed = made.withKeys(table, constraints);
    if (indexed != table) {
      catalog.replace(indexed, own);
    }
    return Outcome.tag("CREATE TABLE");
  }

  private static String name(Command.Name name, boolean temporary) {
    String schema = name.schema().orElse("public");
    if (!schema.equals("public") && !(temporary && schema.equals("pg_temp"))) {
      throw schema.startsWith("pg_") || schema.equals("information_schema")
          ? PgError.error(
              "42501", "permission denied to create \"%s.%s\"".formatted(schema, name.name()))
          : PgError.error("3F000", "schema \"%s\" does not exist".formatted(schema));
    }
    return name.name();
  }

  private static Table.Column column(Command.Column column, String table, SessionContext session) {
    String typeName = column.type().name();
    SqlType type = Types.of(column.type());
    switch (type.form()) {
      case ARRAY, TID -> throw PgError.unsupported("a column of type " + type.label());
      case TEXT -> {
        if (type != SqlType.TEXT && type != SqlType.VARCHAR && type != SqlType.BPCHAR) {
          throw PgError.unsupported("a column of type " + type.label());
        }
      }
      case BOOL, INTEGER, UNSIGNED, FLOAT, NUMERIC, DATE, TIME, INTERVAL, LSN -> {
        // stored as PostgreSQL does, numeric as text
      }
    }
    boolean serial = typeName.contains("serial");
    if (serial && column.defaultSql().isPresent()) {
      throw PgError.error(
          "42601",
          "multiple default values specified for column \"%s\" of table \"%s\""
              .formatted(column.name(), table));
    }
    Table.Column made =
        new Table.Column(
            column.name(),
            type,
            Types.limit(column.type(), type),
            serial || column.notNull(),
            serial ? session.tables().catalog().newOid() : 0,
            // DEFAULT NULL is no default (AddRelationNewConstraints)
            column
                .defaultSql()
                .filter(sql -> !(SqlParser.expression(sql) instanceof Expression.Null)));
    column.defaultSql().ifPresent(sql -> requireDefault(sql, made, session));
    return made;
  }

  /** A default must compile: it names no columns, and fits its column. */
  private static void requireDefault(String sql, Table.Column column, SessionContext session) {
    Compiler compiler =
        new Compiler(
            Relation.NONE, new Compiler.Environment(new Parameters(0, List.of()), session));
    Expression parsed = SqlParser.expression(sql);
    Calls.requireScalar(parsed, "DEFAULT expression", "DEFAULT expressions");
    if (Calls.columns(parsed).findAny().isPresent()) {
      throw PgError.error("0A000", "cannot use column reference in DEFAULT expression");
    }
    Expr expr = compiler.compile(parsed);
    if (!expr.isUnknown() && !Casts.isAssignable(expr.type(), column.type())) {
      throw PgError.withHint(
          "42804",
          "column \"%s\" is of type %s but default expression is of type %s"
              .formatted(column.name(), column.type().label(), expr.type().label()),
          "You will need to rewrite or cast the expression.");
    }
    Casts.assign(expr, column);
  }

  static Outcome drop(Command.Drop drop, SessionContext session) {
    if (drop.kind().equals("FUNCTION")) {
      return FunctionDefinitions.drop(drop, session);
    }
    Changes.requireWritable(session, "DROP " + drop.kind());
    Catalog catalog = session.tables().catalog();
    Transaction own = session.transaction();
    for (Command.Name named : drop.names()) {
      if (drop.kind().equals("INDEX")) {
        Constraints.dropIndex(named.name(), drop.ifExists(), session);
        continue;
      }
      Optional<Table> table =
          TableNames.locked(
              () -> dropped(named, catalog, own), TableLockMode.ACCESS_EXCLUSIVE, session);
      if (table.isEmpty() && !drop.ifExists()) {
        throw PgError.error("42P01", "table \"%s\" does not exist".formatted(named.name()));
      }
      if (table.isEmpty()) {
        session.notice("00000", "table \"%s\" does not exist, skipping".formatted(named.name()));
      }
      table.ifPresent(t -> catalog.drop(t, own));
    }
    return Outcome.tag("DROP " + drop.kind());
  }

  private static Optional<Table> dropped(Command.Name named, Catalog catalog, Transaction own) {
    return switch (named.schema().orElse("")) {
      case "" -> catalog.find(named.name(), own);
      case "public", "pg_temp" ->
          catalog.find(named.name(), named.schema().get().equals("pg_temp"), own);
      default -> Optional.empty();
    };
  }

  /** TRUNCATE: the table gets a new, empty file, and loses the old one at commit. */
  static Outcome truncate(Command.Truncate truncate, SessionContext session) {
    Changes.requireWritable(session, "TRUNCATE TABLE");
    for (Command.Name named : truncate.tables()) {
      Table table = TableNames.table(named, TableLockMode.ACCESS_EXCLUSIVE, session);
      session.tables().catalog().truncate(table, session.transaction());
    }
    return Outcome.tag("TRUNCATE TABLE");
  }

  static Outcome lock(Command.LockTable lock, SessionContext session) {
    TableLockMode mode =
        TableLockMode.valueOf(lock.mode().toUpperCase(Locale.ROOT).replace(' ', '_'));
    if (!session.server().state().isRunning() && mode.compareTo(TableLockMode.ROW_EXCLUSIVE) > 0) {
      throw PgError.error("25006", "cannot execute LOCK TABLE during recovery");
    }
    for (Command.Name named : lock.tables()) {
      if (TableNames.view(named.schema(), named.name(), session).isPresent()) {
        throw PgError.unsupported("LOCK TABLE of a system catalog");
      }
      if (lock.noWait()) {
        Table table = TableNames.find(named.schema(), named.name(), session);
        if (!table.isTemporary() && !session.transaction().tryLockTable(table.oid(), mode)) {
          throw PgError.error(
              "55P03", "could not obtain lock on relation \"%s\"".formatted(table.name()));
        }
      }
      TableNames.table(named, mode, session);
    }
    return Outcome.tag("LOCK TABLE");
  }

  static Outcome alter(Command.AlterTable alter, SessionContext session) {
    Changes.requireWritable(session, "ALTER TABLE");
    Catalog catalog = session.tables().catalog();
    Optional<Table> found = catalog.find(alter.table().name(), session.transaction());
    if (found.isEmpty() && alter.ifExists()) {
      session.notice(
          "00000", "relation \"%s\" does not exist, skipping".formatted(alter.table().name()));
      return Outcome.tag("ALTER TABLE");
    }
    Table table = TableNames.table(alter.table(), TableLockMode.ACCESS_EXCLUSIVE, session);
    new Constraints(table.name(), table.columns(), catalog, session).add(table, alter.add());
    return Outcome.tag("ALTER TABLE");
  }
}
