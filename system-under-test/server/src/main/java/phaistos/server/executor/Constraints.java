package phaistos.server.executor;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.server.catalog.Catalog;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.heap.HeapRow;
import phaistos.server.sql.Command;
import phaistos.server.sql.Expression;
import phaistos.server.sql.SqlParser;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.xact.TableLockMode;
import phaistos.server.xact.Transaction;

/** PRIMARY KEY, UNIQUE, CHECK and CREATE INDEX. */
final class Constraints {
  private final String table;
  private final List<Table.Column> columns;
  private final Catalog catalog;
  private final SessionContext session;
  private final Set<String> taken = new HashSet<>();
  private final Set<String> checkNames = new HashSet<>();

  Constraints(String table, List<Table.Column> columns, Catalog catalog, SessionContext session) {
    this.table = table;
    this.columns = columns;
    this.catalog = catalog;
    this.session = session;
    for (Table other : catalog.tables(session.transaction()).values()) {
      taken.add(other.name());
      other.indexes().forEach(index -> taken.add(index.name()));
      if (other.name().equals(table)) {
        other
            .checks()
            .forEach(
                check -> {
                  taken.add(check.name());
                  checkNames.add(check.name());
                });
      }
    }
  }

  /** A name that nothing has yet: with a number at its end if need be (ChooseRelationName). */
  private String free(String wanted) {
    String name = wanted;
    for (int i = 1; !taken.add(name); i++) {
      name = wanted + i;
    }
    return name;
  }

  private String chosen(Optional<String> given, String wanted) {
    if (given.isEmpty()) {
      return free(wanted);
    }
    if (!taken.add(given.get())) {
      throw PgError.error("42P07", "relation \"%s\" already exists".formatted(given.get()));
    }
    return given.get();
  }

  List<Table.Check> checks(List<Command.Constraint> constraints) {
    List<Table.Check> checks = new ArrayList<>();
    for (Command.Constraint constraint : constraints) {
      if (constraint instanceof Command.Check check) {
        checks.add(check(check));
      }
    }
    return checks;
  }

  private Table.Check check(Command.Check check) {
    Expression condition = SqlParser.expression(check.sql());
    Calls.requireScalar(condition, "check constraint", "check constraints");
    Relation relation =
        Relation.of(
            table,
            columns.stream().map(c -> new Outcome.Column(c.name(), c.type(), c.limit())).toList());
    new Compiler(relation, new Compiler.Environment(new Parameters(0, List.of()), session))
        .bool(condition, "CHECK");
    List<String> named = Calls.columns(condition).distinct().toList();
    String middle = named.size() == 1 ? "_" + named.getFirst() : "";
    if (check.name().filter(checkNames::contains).isPresent()) {
      throw PgError.error(
          "42710", "check constraint \"%s\" already exists".formatted(check.name().get()));
    }
    String name = chosen(check.name(), table + middle + "_check");
    checkNames.add(name);
    return new Table.Check(catalog.newOid(), name, check.sql());
  }

  /** The table with the indexes of its keys. */
  Table withKeys(Table made, List<Command.Constraint> constraints) {
    Table indexed = made;
    for (Command.Constraint constraint : constraints) {
      if (constraint instanceof Command.Key key) {
        indexed = indexed.with(key(indexed, key));
      }
    }
    return indexed;
  }

  private Table.Index key(Table of, Command.Key key) {
    if (key.primary() && of.primaryKey().isPresent()) {
      throw PgError.error(
          "42P16", "multiple primary keys for table \"%s\" are not allowed".formatted(table));
    }
    String suffix = key.primary() ? "_pkey" : "_" + String.join("_", key.columns()) + "_key";
    return new Table.Index(
        catalog.newOid(),
        chosen(key.name(), table + suffix),
        key.primary(),
        true,
        true,
        places(key.columns(), key.primary() ? "primary key" : "unique"));
  }

  /**
   * @param constraint what the columns are listed in, for messages; empty for an index of its own
   */
  private List<Integer> places(List<String> names, String constraint) {
    List<Integer> places = new ArrayList<>();
    for (String name : names) {
      int at = 0;
      while (at < columns.size() && !columns.get(at).name().equals(name)) {
        at++;
      }
      if (at == columns.size()) {
        throw PgError.error(
            "42703",
            "column \"%s\" %sdoes not exist"
                .formatted(name, constraint.isEmpty() ? "" : "named in key "));
      }
      if (places.contains(at) && !constraint.isEmpty()) {
        throw PgError.error(
            "42701", "column \"%s\" appears twice in %s constraint".formatted(name, constraint));
      }
      if (columns.get(at).type() == SqlType.XID || columns.get(at).type() == SqlType.CID) {
        throw PgError.error(
            "42704",
            "data type %s has no default operator class for access method \"btree\""
                .formatted(columns.get(at).type().label()));
      }
      places.add(at);
    }
    return places;
  }

  /** ALTER TABLE ... ADD: the rows that are there must fulfil it. */
  void add(Table to, Command.Constraint constraint) {
    Transaction own = session.transaction();
    switch (constraint) {
      case Command.Key key -> {
        Table.Index index = key(to, key);
        if (index.primary()) {
          requireNoNull(to, index);
        }
        session.tables().indexes().create(to, index, own);
        catalog.replace(to.with(index), own);
      }
      case Command.Check check -> {
        Table changed = to.with(check(check));
        RowChecks checks = RowChecks.of(changed, session);
        Frame frame = new Frame(List.of(), List.of(), session);
        for (HeapRow row : rows(to)) {
          try {
            checks.check(row.values(), frame);
          } catch (PgError e) {
            String name = changed.checks().getLast().name();
            throw PgError.error(
                    "23514",
                    "check constraint \"%s\" of relation \"%s\" is violated by some row"
                        .formatted(name, table))
                .about(new PgError.Subject(table, "", name));
          }
        }
        catalog.replace(changed, own);
      }
    }
  }

  private List<HeapRow> rows(Table of) {
    return Changes.matching(
        TableScan.of(of, Optional.empty()),
        Optional.empty(),
        new Frame(List.of(), List.of(), session));
  }

  private void requireNoNull(Table of, Table.Index index) {
    for (HeapRow row : rows(of)) {
      for (int at : index.columns()) {
        if (row.values().get(at).equals(Datum.NULL)) {
          String column = of.columns().get(at).name();
          throw PgError.error(
                  "23502",
                  "column \"%s\" of relation \"%s\" contains null values".formatted(column, table))
              .about(new PgError.Subject(table, column, ""));
        }
      }
    }
  }

  static Outcome createIndex(Command.CreateIndex create, SessionContext session) {
    Changes.requireWritable(session, "CREATE INDEX");
    Table table = TableNames.table(create.table(), TableLockMode.SHARE, session);
    Catalog catalog = session.tables().catalog();
    Transaction own = session.transaction();
    Constraints constraints = new Constraints(table.name(), table.columns(), catalog, session);
    if (create.ifNotExists() && create.name().filter(constraints.taken::contains).isPresent()) {
      session.notice(
          "42P07",
          "relation \"%s\" already exists, skipping".formatted(create.name().orElseThrow()));
      return Outcome.tag("CREATE INDEX");
    }
    String wanted = table.name() + "_" + String.join("_", create.columns()) + "_idx";
    Table.Index index =
        new Table.Index(
            catalog.newOid(),
            constraints.chosen(create.name(), wanted),
            false,
            create.unique(),
            false,
            constraints.places(create.columns(), ""));
    session.tables().indexes().create(table, index, own);
    catalog.replace(table.with(index), own);
    return Outcome.tag("CREATE INDEX");
  }

  static void dropIndex(String name, boolean ifExists, SessionContext session) {
    Catalog catalog = session.tables().catalog();
    Transaction own = session.transaction();
    Optional<Table> of =
        TableNames.locked(
            () -> withIndex(name, catalog, own), TableLockMode.ACCESS_EXCLUSIVE, session);
    if (of.isPresent()) {
      Table table = of.get();
      for (Table.Index index : table.indexes()) {
        if (index.name().equals(name)) {
          if (index.constraint()) {
            throw PgError.withHint(
                "2BP01",
                "cannot drop index %s because constraint %s on table %s requires it"
                    .formatted(name, name, table.name()),
                "You can drop constraint %s on table %s instead.".formatted(name, table.name()));
          }
          catalog.replace(table.without(index), own);
          return;
        }
      }
    }
    if (!ifExists) {
      throw PgError.error("42704", "index \"%s\" does not exist".formatted(name));
    }
    session.notice("00000", "index \"%s\" does not exist, skipping".formatted(name));
  }

  private static Optional<Table> withIndex(String name, Catalog catalog, Transaction own) {
    return catalog.tables(own).values().stream()
        .filter(table -> table.indexes().stream().anyMatch(index -> index.name().equals(name)))
        .findFirst();
  }
}
