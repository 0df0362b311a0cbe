package phaistos.server.executor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import phaistos.formats.Xid;
import phaistos.server.catalog.RelationStats;
import phaistos.server.catalog.SqlFunction;
import phaistos.server.catalog.Table;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** The rows of the system catalogs, by their columns' names. */
final class SystemRows {
  static final int BTREE = 403;
  static final int HEAP = 2;
  static final int DEFAULT_COLLATION = 100;
  static final int C_COLLATION = 950;

  /** FirstMultiXactId: multixacts are never truncated. */
  static final int FIRST_MULTI = 1;

  private static final int SQL_LANGUAGE = 14;

  private final SessionContext session;
  private final List<Map<String, Datum>> rows = new ArrayList<>();

  SystemRows(SessionContext session) {
    this.session = session;
  }

  /** All rows of a catalog; none for one whose things the server does not have. */
  List<Map<String, Datum>> of(String catalog) {
    switch (catalog) {
      case "pg_class" -> classes();
      case "pg_attribute" -> attributes();
      case "pg_namespace" -> namespaces();
      case "pg_type" -> new ClusterRows(rows).types();
      case "pg_database" -> new ClusterRows(rows).databases(oldestXid());
      case "pg_roles", "pg_authid", "pg_user" -> new ClusterRows(rows).roles();
      case "pg_index" -> indexes();
      case "pg_constraint" -> constraints();
      case "pg_attrdef" -> defaults();
      case "pg_am" -> new ClusterRows(rows).methods();
      case "pg_proc" -> functions();
      case "pg_collation" -> new ClusterRows(rows).collations();
      case "pg_sequence" -> sequences();
      case "pg_tablespace" -> new ClusterRows(rows).tablespaces();
      case "pg_tables" -> tables();
      case "pg_indexes" -> indexDefinitions();
      default -> {
        // nothing of this kind
      }
    }
    return rows;
  }

  private Iterable<Table> userTables() {
    return session.tables().catalog().tables(session.transaction()).values();
  }

  private static Datum text(String value) {
    return Datum.of(value);
  }

  private static Datum number(long value) {
    return Datum.of(value);
  }

  private Map<String, Datum> row() {
    Map<String, Datum> row = new HashMap<>();
    rows.add(row);
    return row;
  }

  private static int namespace(Table table) {
    return table.isTemporary() ? temporaryNamespace(table.temporary()) : SystemCatalog.PUBLIC;
  }

  /** A number for the schema of a session's temporary tables, away from all OIDs. */
  private static int temporaryNamespace(int pid) {
    return 0x4000_0000 | pid;
  }

  // ---- relations ----

  private Xid oldestXid() {
    return session.tables().procArray().limits().oldestXid();
  }

  private void classes() {
    for (SystemCatalog.Catalog catalog : SystemCatalog.all()) {
      String kind = "" + catalog.kind();
      Map<String, Datum> row =
          relation(catalog.oid(), catalog.name(), SystemCatalog.PG_CATALOG, kind, false);
      row.put("relnatts", number(catalog.columns().size()));
      if (kind.equals("r")) {
        // its rows have no ids; older than any table's it must not seem
        frozen(row, oldestXid());
      }
    }
    for (Table table : userTables()) {
      int namespace = namespace(table);
      Map<String, Datum> row =
          relation(table.oid(), table.name(), namespace, "r", table.isTemporary());
      row.put("relfilenode", number(table.locator().relation()));
      RelationStats stats = session.tables().catalog().stats(table.oid(), session.transaction());
      row.put("relpages", number(stats.pages()));
      row.put("reltuples", new Datum.Float(stats.tuples()));
      frozen(row, stats.frozenXid());
      row.put("relnatts", number(table.columns().size()));
      row.put("relchecks", number(table.checks().size()));
      row.put("relhasindex", Datum.of(!table.indexes().isEmpty()));
      for (Table.Index index : table.indexes()) {
        Map<String, Datum> own =
            relation(index.oid(), index.name(), namespace, "i", table.isTemporary());
        own.put("relnatts", number(index.columns().size()));
        // the page that each index of PostgreSQL begins with; here they are in memory
        own.put("relpages", number(1));
      }
      for (Table.Column column : table.columns()) {
        if (column.serial()) {
          String name = SystemCatalog.sequence(table, column);
          relation(column.sequence(), name, namespace, "S", table.isTemporary())
              .put("relnatts", number(3));
        }
      }
    }
  }

  private static void frozen(Map<String, Datum> row, Xid xid) {
    row.put("relfrozenxid", number(xid.value() & 0xFFFF_FFFFL));
    row.put("relminmxid", number(FIRST_MULTI));
  }

  private Map<String, Datum> relation(
      int oid, String name, int namespace, String kind, boolean temporary) {
    Map<String, Datum> row = row();
    row.put("oid", number(oid));
    row.put("relname", text(name));
    row.put("relnamespace", number(namespace));
    row.put("relowner", number(SystemCatalog.OWNER));
    row.put("relam", number(kind.equals("r") ? HEAP : kind.equals("i") ? BTREE : 0));
    row.put("relfilenode", number(oid));
    row.put("reltuples", new Datum.Float(kind.equals("r") ? -1 : 0));
    row.put("relpersistence", text(temporary ? "t" : "p"));
    row.put("relkind", text(kind));
    row.put("relispopulated", Datum.TRUE);
    row.put("relreplident", text(kind.equals("r") ? "d" : "n"));
    return row;
  }

  private void attributes() {
    for (SystemCatalog.Catalog catalog : SystemCatalog.all()) {
      for (int i = 0; i < catalog.columns().size(); i++) {
        Outcome.Column column = catalog.columns().get(i);
        attribute(catalog.oid(), i + 1, column.name(), column.type(), 0);
      }
    }
    for (Table table : userTables()) {
      for (int i = 0; i < table.columns().size(); i++) {
        Table.Column column = table.columns().get(i);
        Map<String, Datum> row =
            attribute(table.oid(), i + 1, column.name(), column.type(), column.limit());
        row.put("attnotnull", Datum.of(column.notNull()));
        row.put("atthasdef", Datum.of(column.serial() || column.defaultSql().isPresent()));
      }
      for (Table.Index index : table.indexes()) {
        for (int i = 0; i < index.columns().size(); i++) {
          Table.Column column = table.columns().get(index.columns().get(i));
          attribute(index.oid(), i + 1, column.name(), column.type(), column.limit());
        }
      }
    }
  }

  private Map<String, Datum> attribute(int relation, int at, String name, SqlType type, int limit) {
    Map<String, Datum> row = row();
    row.put("attrelid", number(relation));
    row.put("attname", text(name));
    row.put("atttypid", number(type.oid()));
    row.put("attstattarget", number(-1));
    row.put("attlen", number(type.length()));
    row.put("attnum", number(at));
    row.put("attcacheoff", number(-1));
    row.put("atttypmod", number(limit == 0 ? -1 : limit + 4));
    row.put("attbyval", Datum.of(type.length() > 0 && type.length() <= 8));
    row.put("attalign", text(alignment(type)));
    row.put("attstorage", text(type == SqlType.NUMERIC ? "m" : type.length() < 0 ? "x" : "p"));
    row.put("attislocal", Datum.TRUE);
    row.put("attcollation", number(collation(type)));
    return row;
  }

  static String alignment(SqlType type) {
    return switch (type.alignment()) {
      case 1 -> "c";
      case 2 -> "s";
      case 4 -> "i";
      default -> "d";
    };
  }

  static int collation(SqlType type) {
    return type == SqlType.NAME
        ? C_COLLATION
        : type.isText() && type != SqlType.CHAR && type != SqlType.UNKNOWN ? DEFAULT_COLLATION : 0;
  }

  private void namespaces() {
    namespace(SystemCatalog.PG_CATALOG, "pg_catalog");
    namespace(SystemCatalog.PUBLIC, "public").put("nspowner", number(SystemCatalog.DATABASE_OWNER));
    namespace(SystemCatalog.INFORMATION_SCHEMA, "information_schema");
    for (Table table : userTables()) {
      if (table.isTemporary()) {
        namespace(temporaryNamespace(table.temporary()), "pg_temp_" + table.temporary());
        return;
      }
    }
  }

  private Map<String, Datum> namespace(int oid, String name) {
    Map<String, Datum> row = row();
    row.put("oid", number(oid));
    row.put("nspname", text(name));
    row.put("nspowner", number(SystemCatalog.OWNER));
    return row;
  }

  // ---- what belongs to tables ----

  private static Datum numbers(List<Integer> places) {
    return new Datum.Array(places.stream().map(at -> Datum.of(at + 1)).toList());
  }

  private static Datum zeros(List<Integer> places) {
    return new Datum.Array(places.stream().map(_ -> Datum.of(0)).toList());
  }

  private void indexes() {
    for (Table table : userTables()) {
      for (Table.Index index : table.indexes()) {
        Map<String, Datum> row = row();
        row.put("indexrelid", number(index.oid()));
        row.put("indrelid", number(table.oid()));
        row.put("indnatts", number(index.columns().size()));
        row.put("indnkeyatts", number(index.columns().size()));
        row.put("indisunique", Datum.of(index.unique()));
        row.put("indisprimary", Datum.of(index.primary()));
        row.put("indimmediate", Datum.TRUE);
        row.put("indisvalid", Datum.TRUE);
        row.put("indisready", Datum.TRUE);
        row.put("indislive", Datum.TRUE);
        row.put("indkey", numbers(index.columns()));
        row.put("indoption", zeros(index.columns()));
        row.put("indclass", zeros(index.columns()));
        row.put("indcollation", zeros(index.columns()));
      }
    }
  }

  private void constraints() {
    for (Table table : userTables()) {
      for (Table.Index index : table.indexes()) {
        if (index.constraint()) {
          // the constraint has the OID of its index
          Map<String, Datum> row =
              constraint(table, index.oid(), index.name(), index.primary() ? "p" : "u");
          row.put("conindid", number(index.oid()));
          row.put("conkey", numbers(index.columns()));
          row.put("connoinherit", Datum.TRUE);
        }
      }
      for (Table.Check check : table.checks()) {
        List<Integer> places = new ArrayList<>();
        Calls.columns(phaistos.server.sql.SqlParser.expression(check.sql()))
            .distinct()
            .forEach(name -> table.indexOf(name).ifPresent(places::add));
        constraint(table, check.oid(), check.name(), "c").put("conkey", numbers(places));
      }
    }
  }

  private Map<String, Datum> constraint(Table table, int oid, String name, String type) {
    Map<String, Datum> row = row();
    row.put("oid", number(oid));
    row.put("conname", text(name));
    row.put("connamespace", number(namespace(table)));
    row.put("contype", text(type));
    row.put("convalidated", Datum.TRUE);
    row.put("conrelid", number(table.oid()));
    row.put("confupdtype", text(" "));
    row.put("confdeltype", text(" "));
    row.put("confmatchtype", text(" "));
    row.put("conislocal", Datum.TRUE);
    return row;
  }

  /** adbin holds the place of the default; pg_get_expr makes its text. */
  private void defaults() {
    for (Table table : userTables()) {
      for (int i = 0; i < table.columns().size(); i++) {
        Table.Column column = table.columns().get(i);
        if (column.serial() || column.defaultSql().isPresent()) {
          Map<String, Datum> row = row();
          row.put("oid", number(table.oid() + 1_000_000L * (i + 1)));
          row.put("adrelid", number(table.oid()));
          row.put("adnum", number(i + 1));
          row.put("adbin", text("default " + (i + 1)));
        }
      }
    }
  }

  private void functions() {
    for (SqlFunction function :
        session.tables().catalog().functions(session.transaction()).values()) {
      Map<String, Datum> row = row();
      row.put("oid", number(function.oid()));
      row.put("proname", text(function.name()));
      row.put("pronamespace", number(SystemCatalog.PUBLIC));
      row.put("proowner", number(SystemCatalog.OWNER));
      row.put("prolang", number(SQL_LANGUAGE));
      row.put("procost", new Datum.Float(100));
      row.put("prokind", text("f"));
      row.put("provolatile", text("v"));
      row.put("proisstrict", Datum.of(function.strict()));
      row.put("proparallel", text("u"));
      row.put("pronargs", number(function.arguments().size()));
      row.put("prorettype", number(function.returns().oid()));
      List<Datum> types = new ArrayList<>();
      function.types().forEach(type -> types.add(number(type.oid())));
      row.put("proargtypes", new Datum.Array(types));
      row.put("prosrc", text(function.body()));
    }
  }

  private void sequences() {
    for (Table table : userTables()) {
      for (Table.Column column : table.columns()) {
        if (column.serial()) {
          Map<String, Datum> row = row();
          row.put("seqrelid", number(column.sequence()));
          row.put("seqtypid", number(column.type().oid()));
          row.put("seqstart", number(1));
          row.put("seqincrement", number(1));
          row.put("seqmin", number(1));
          row.put("seqcache", number(1));
          row.put("seqmax", number(Long.MAX_VALUE >>> 64 - 8 * column.type().length()));
        }
      }
    }
  }

  private void tables() {
    for (SystemCatalog.Catalog catalog : SystemCatalog.all()) {
      if (catalog.kind() == 'r') {
        table("pg_catalog", catalog.name());
      }
    }
    for (Table table : userTables()) {
      String schema = table.isTemporary() ? "pg_temp_" + table.temporary() : "public";
      table(schema, table.name()).put("hasindexes", Datum.of(!table.indexes().isEmpty()));
    }
  }

  private Map<String, Datum> table(String schema, String name) {
    Map<String, Datum> row = row();
    row.put("schemaname", text(schema));
    row.put("tablename", text(name));
    row.put("tableowner", text("postgres"));
    row.put("tablespace", Datum.NULL);
    return row;
  }

  private void indexDefinitions() {
    for (Table table : userTables()) {
      for (Table.Index index : table.indexes()) {
        Map<String, Datum> row = row();
        row.put("schemaname", text("public"));
        row.put("tablename", text(table.name()));
        row.put("indexname", text(index.name()));
        row.put("tablespace", Datum.NULL);
        row.put("indexdef", text(CatalogFunctions.indexDefinition(table, index)));
      }
    }
  }
}
