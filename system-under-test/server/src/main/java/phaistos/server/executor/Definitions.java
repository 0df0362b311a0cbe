package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.sf.jsqlparser.statement.create.table.ColumnDefinition;
import net.sf.jsqlparser.statement.create.table.CreateTable;
import net.sf.jsqlparser.statement.create.table.Index;
import net.sf.jsqlparser.statement.drop.Drop;
import net.sf.jsqlparser.statement.truncate.Truncate;
import phaistos.server.catalog.Catalog;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.types.SqlType;
import phaistos.server.xact.Transaction;

/** CREATE TABLE, DROP TABLE and TRUNCATE. */
final class Definitions {
  /** The library keeps the length of a varchar in its name. */
  private static final Pattern TYPE = Pattern.compile("(?s)(.*?)\\s*(?:\\((\\d{1,9})\\))?");

  private Definitions() {}

  static Outcome create(CreateTable create, SessionContext session) {
    Changes.requireWritable(session, "CREATE TABLE");
    String name = Relation.identifier(create.getTable().getName());
    Catalog catalog = session.tables().catalog();
    Transaction own = session.transaction();
    if (create.isIfNotExists() && catalog.find(name, own).isPresent()) {
      session.notice("42P07", "relation \"%s\" already exists, skipping".formatted(name));
      return Outcome.tag("CREATE TABLE");
    }
    if (create.getColumnDefinitions() == null) {
      throw PgError.unsupported("CREATE TABLE without columns");
    }
    List<Table.Column> columns = new ArrayList<>();
    List<Integer> keys = new ArrayList<>();
    for (ColumnDefinition definition : create.getColumnDefinitions()) {
      List<String> specs =
          Optional.ofNullable(definition.getColumnSpecs()).orElse(List.of()).stream()
              .map(spec -> spec.toLowerCase(Locale.ROOT))
              .toList();
      if (specs.contains("primary")) {
        keys.add(columns.size());
      }
      columns.add(column(definition, specs));
    }
    keysOf(create, columns, keys);
    for (int key : keys) {
      Table.Column c = columns.get(key);
      columns.set(
          key, new Table.Column(c.name(), c.type(), c.limit(), true, c.serial(), c.defaultSql()));
    }
    catalog.create(name, columns, keys, own);
    return Outcome.tag("CREATE TABLE");
  }

  private static void keysOf(CreateTable create, List<Table.Column> columns, List<Integer> keys) {
    if (create.getIndexes() == null) {
      return;
    }
    for (Index index : create.getIndexes()) {
      if (!"primary key".equalsIgnoreCase(index.getType()) || !keys.isEmpty()) {
        throw PgError.unsupported("constraint " + index);
      }
      for (String key : index.getColumnsNames()) {
        String wanted = Relation.identifier(key);
        int at = 0;
        while (at < columns.size() && !columns.get(at).name().equals(wanted)) {
          at++;
        }
        if (at == columns.size()) {
          throw PgError.error(
              "42703", "column \"%s\" named in key does not exist".formatted(wanted));
        }
        keys.add(at);
      }
    }
  }

  private static Table.Column column(ColumnDefinition definition, List<String> specs) {
    Matcher written = TYPE.matcher(definition.getColDataType().getDataType());
    if (!written.matches()) {
      throw new IllegalStateException(definition.toString());
    }
    String typeName = written.group(1);
    SqlType type =
        SqlType.named(typeName)
            .orElseThrow(
                () -> PgError.error("42704", "type \"%s\" does not exist".formatted(typeName)));
    int limit = written.group(2) == null ? 0 : Integer.parseInt(written.group(2));
    List<String> arguments = definition.getColDataType().getArgumentsStringList();
    if (type.isText() && arguments != null && !arguments.isEmpty()) {
      limit = Integer.parseInt(arguments.getFirst());
    }
    for (String spec : specs) {
      if (spec.equals("references") || spec.equals("check") || spec.equals("unique")) {
        throw PgError.unsupported("constraint " + spec);
      }
    }
    boolean serial = typeName.toLowerCase(Locale.ROOT).contains("serial");
    int at = specs.indexOf("default");
    Optional<String> defaultSql = Optional.empty();
    if (at >= 0) {
      List<String> words = definition.getColumnSpecs().subList(at + 1, specs.size());
      int end = 1;
      while (end < words.size() && words.get(end).startsWith("(")) {
        end++;
      }
      defaultSql = Optional.of(String.join("", words.subList(0, end)));
    }
    boolean notNull = serial || specs.contains("not") || specs.contains("primary");
    return new Table.Column(
        Relation.identifier(definition.getColumnName()), type, limit, notNull, serial, defaultSql);
  }

  static Outcome drop(Drop drop, SessionContext session) {
    Changes.requireWritable(session, "DROP TABLE");
    if (!drop.getType().equalsIgnoreCase("table")) {
      throw PgError.unsupported("DROP " + drop.getType());
    }
    String name = Relation.identifier(drop.getName().getName());
    Optional<Table> table = session.tables().catalog().find(name, session.transaction());
    if (table.isEmpty() && !drop.isIfExists()) {
      throw PgError.error("42P01", "table \"%s\" does not exist".formatted(name));
    }
    if (table.isEmpty()) {
      session.notice("00000", "table \"%s\" does not exist, skipping".formatted(name));
    }
    table.ifPresent(t -> session.tables().catalog().drop(t, session.transaction()));
    return Outcome.tag("DROP TABLE");
  }

  /**
   * TRUNCATE: an empty table of the same shape replaces the old one, as PostgreSQL assigns a new
   * file.
   */
  static Outcome truncate(Truncate truncate, SessionContext session) {
    Changes.requireWritable(session, "TRUNCATE TABLE");
    Catalog catalog = session.tables().catalog();
    Transaction own = session.transaction();
    List<net.sf.jsqlparser.schema.Table> tables =
        truncate.getTables() == null || truncate.getTables().isEmpty()
            ? List.of(truncate.getTable())
            : truncate.getTables();
    for (net.sf.jsqlparser.schema.Table named : tables) {
      Table table = catalog.named(Relation.identifier(named.getName()), own);
      catalog.drop(table, own);
      catalog.create(table.name(), table.columns(), table.keys(), own);
    }
    return Outcome.tag("TRUNCATE TABLE");
  }
}
