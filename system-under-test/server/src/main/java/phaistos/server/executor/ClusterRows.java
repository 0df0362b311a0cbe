package phaistos.server.executor;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import phaistos.formats.Xid;
import phaistos.server.catalog.Catalog;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** The rows of the system catalogs that do not depend on the tables: types, roles and the like. */
final class ClusterRows {
  private static final int UTF8 = 6;
  private static final int DEFAULT_SPACE = 1663;

  private final List<Map<String, Datum>> rows;

  ClusterRows(List<Map<String, Datum>> rows) {
    this.rows = rows;
  }

  private Map<String, Datum> row() {
    Map<String, Datum> row = new HashMap<>();
    rows.add(row);
    return row;
  }

  private static Datum text(String value) {
    return Datum.of(value);
  }

  private static Datum number(long value) {
    return Datum.of(value);
  }

  void types() {
    for (SqlType type : SqlType.values()) {
      Map<String, Datum> row = row();
      row.put("oid", number(type.oid()));
      row.put("typname", text(type.typeName()));
      row.put("typnamespace", number(SystemCatalog.PG_CATALOG));
      row.put("typowner", number(SystemCatalog.OWNER));
      row.put("typlen", number(type.length()));
      row.put("typbyval", Datum.of(Integer.bitCount(type.length()) == 1 && type.length() <= 8));
      row.put("typtype", text(type.category() == 'P' || type == SqlType.UNKNOWN ? "p" : "b"));
      row.put("typcategory", text("" + type.category()));
      row.put("typisdefined", Datum.TRUE);
      row.put("typdelim", text(","));
      row.put("typelem", number(type.element().map(SqlType::oid).orElse(0)));
      row.put("typarray", number(type.array().map(SqlType::oid).orElse(0)));
      row.put("typinput", text(function(type, "in")));
      row.put("typoutput", text(function(type, "out")));
      row.put("typalign", text(SystemRows.alignment(type)));
      row.put("typstorage", text(type.length() < 0 ? "x" : "p"));
      row.put("typtypmod", number(-1));
      row.put("typcollation", number(SystemRows.collation(type)));
    }
  }

  private static String function(SqlType type, String direction) {
    boolean vector = type == SqlType.INT2VECTOR || type == SqlType.OIDVECTOR;
    String name = type.isArray() && !vector ? "array" : type.typeName();
    return switch (name) {
      case "array",
          "date",
          "inet",
          "interval",
          "numeric",
          "pg_lsn",
          "record",
          "timestamp",
          "timestamptz",
          "void" ->
          name + "_" + direction;
      default -> name + direction;
    };
  }

  /**
   * @param frozen the oldest id that is not frozen
   */
  void databases(Xid frozen) {
    Map<String, Datum> row = row();
    row.put("datfrozenxid", number(frozen.value() & 0xFFFF_FFFFL));
    row.put("datminmxid", number(SystemRows.FIRST_MULTI));
    row.put("oid", number(Catalog.DATABASE));
    row.put("datname", text("postgres"));
    row.put("datdba", number(SystemCatalog.OWNER));
    row.put("encoding", number(UTF8));
    row.put("datlocprovider", text("c"));
    row.put("datallowconn", Datum.TRUE);
    row.put("datconnlimit", number(-1));
    row.put("dattablespace", number(DEFAULT_SPACE));
    row.put("datcollate", text("C.UTF-8"));
    row.put("datctype", text("C.UTF-8"));
  }

  void roles() {
    Map<String, Datum> row = row();
    row.put("oid", number(SystemCatalog.OWNER));
    row.put("rolname", text("postgres"));
    row.put("usename", text("postgres"));
    row.put("usesysid", number(SystemCatalog.OWNER));
    for (String right :
        List.of(
            "rolsuper",
            "rolinherit",
            "rolcreaterole",
            "rolcreatedb",
            "rolcanlogin",
            "rolreplication",
            "rolbypassrls",
            "usecreatedb",
            "usesuper",
            "userepl",
            "usebypassrls")) {
      row.put(right, Datum.TRUE);
    }
    row.put("rolconnlimit", number(-1));
    row.put("rolpassword", text("********"));
  }

  void tablespaces() {
    tablespace(DEFAULT_SPACE, "pg_default");
    tablespace(DEFAULT_SPACE + 1, "pg_global");
  }

  private void tablespace(int oid, String name) {
    Map<String, Datum> row = row();
    row.put("oid", number(oid));
    row.put("spcname", text(name));
    row.put("spcowner", number(SystemCatalog.OWNER));
  }

  void methods() {
    method(SystemRows.HEAP, "heap", "heap_tableam_handler", "t");
    method(SystemRows.BTREE, "btree", "bthandler", "i");
  }

  private void method(int oid, String name, String handler, String type) {
    Map<String, Datum> row = row();
    row.put("oid", number(oid));
    row.put("amname", text(name));
    row.put("amhandler", text(handler));
    row.put("amtype", text(type));
  }

  void collations() {
    int[] oids = {SystemRows.DEFAULT_COLLATION, SystemRows.C_COLLATION, SystemRows.C_COLLATION + 1};
    String[] names = {"default", "C", "POSIX"};
    for (int i = 0; i < oids.length; i++) {
      Map<String, Datum> row = row();
      row.put("oid", number(oids[i]));
      row.put("collname", text(names[i]));
      row.put("collnamespace", number(SystemCatalog.PG_CATALOG));
      row.put("collowner", number(SystemCatalog.OWNER));
      row.put("collprovider", text(i == 0 ? "d" : "c"));
      row.put("collisdeterministic", Datum.TRUE);
      row.put("collencoding", number(-1));
    }
  }
}
