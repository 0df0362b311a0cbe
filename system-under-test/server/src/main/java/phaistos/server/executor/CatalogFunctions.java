package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import phaistos.server.catalog.SqlFunction;
import phaistos.server.catalog.Table;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** Functions of the system catalogs, and of arrays. */
final class CatalogFunctions {
  private CatalogFunctions() {}

  /** Nothing if it is none of these. */
  static Optional<Expr> compile(String name, List<Expr> given) {
    return switch (name) {
      case "format_type" -> of(SqlType.TEXT, given, CatalogFunctions::formatType);
      case "pg_get_userbyid" ->
          of(
              SqlType.NAME,
              given,
              (v, _) -> {
                int oid = (int) number(v, 0);
                return Datum.of(
                    switch (oid) {
                      case SystemCatalog.OWNER -> "postgres";
                      case SystemCatalog.DATABASE_OWNER -> "pg_database_owner";
                      default -> "unknown (OID=" + oid + ")";
                    });
              });
      case "pg_table_is_visible", "pg_type_is_visible", "pg_function_is_visible" ->
          of(SqlType.BOOL, given, (v, _) -> Datum.TRUE);
      case "pg_get_expr" -> of(SqlType.TEXT, given, CatalogFunctions::expression);
      case "pg_get_indexdef" -> of(SqlType.TEXT, given, CatalogFunctions::indexDefinition);
      case "pg_get_constraintdef" -> of(SqlType.TEXT, given, CatalogFunctions::constraint);
      case "pg_relation_size", "pg_table_size", "pg_total_relation_size", "pg_indexes_size" ->
          of(SqlType.INT8, given, (v, session) -> size(name, v, session));
      case "obj_description", "col_description", "shobj_description" ->
          of(SqlType.TEXT, given, (v, _) -> Datum.NULL);
      case "pg_get_function_result" ->
          of(
              SqlType.TEXT,
              given,
              (v, session) ->
                  function(v, session)
                      .map(function -> Datum.of(function.returns().label()))
                      .orElse(Datum.NULL));
      case "pg_get_function_arguments", "pg_get_function_identity_arguments" ->
          of(
              SqlType.TEXT,
              given,
              (v, session) ->
                  function(v, session).map(CatalogFunctions::arguments).orElse(Datum.NULL));
      case "pg_encoding_to_char" ->
          of(SqlType.NAME, given, (v, _) -> Datum.of(number(v, 0) == 6 ? "UTF8" : ""));
      case "pg_relation_is_publishable" -> of(SqlType.BOOL, given, (v, _) -> Datum.FALSE);
      case "pg_get_statisticsobjdef_columns" -> of(SqlType.TEXT, given, (v, _) -> Datum.NULL);
      case "has_table_privilege",
          "has_schema_privilege",
          "has_database_privilege",
          "has_column_privilege",
          "has_any_column_privilege" ->
          of(SqlType.BOOL, given, (v, _) -> Datum.TRUE);
      case "current_schemas" ->
          of(
              SqlType.NAME_ARRAY,
              given,
              (v, _) ->
                  new Datum.Array(
                      v.getFirst().equals(Datum.TRUE)
                          ? List.of(Datum.of("pg_catalog"), Datum.of("public"))
                          : List.of(Datum.of("public"))));
      default -> arrays(name, given);
    };
  }

  private static Optional<Expr> arrays(String name, List<Expr> given) {
    return switch (name) {
      case "array_to_string" -> of(SqlType.TEXT, given, arrayToString(given));
      case "array_upper", "array_length" ->
          of(
              SqlType.INT4,
              given,
              (v, _) -> {
                int size = ((Datum.Array) v.getFirst()).values().size();
                return number(v, 1) == 1 && size > 0 ? Datum.of(size) : Datum.NULL;
              });
      case "cardinality" ->
          of(SqlType.INT4, given, (v, _) -> Datum.of(((Datum.Array) v.getFirst()).values().size()));
      case "array_position" -> Optional.of(position(given));
      default -> Optional.empty();
    };
  }

  /** Functions that take a relation by its name, too. */
  static boolean isSize(String name) {
    return name.endsWith("_size")
        && (name.endsWith("relation_size")
            || name.equals("pg_table_size")
            || name.equals("pg_indexes_size"));
  }

  private static long number(List<Datum> values, int at) {
    return ((Datum.Int) values.get(at)).value();
  }

  /** A function that is NULL if its first argument is. */
  private static Optional<Expr> of(
      SqlType type, List<Expr> given, BiFunction<List<Datum>, SessionContext, Datum> apply) {
    List<Expr> known = new ArrayList<>();
    for (Expr argument : given) {
      boolean first = known.isEmpty();
      known.add(argument.known(first && type != SqlType.TEXT ? SqlType.OID : SqlType.TEXT));
    }
    return Optional.of(
        new Expr(
            type,
            frame -> {
              List<Datum> values = known.stream().map(argument -> argument.of(frame)).toList();
              return values.isEmpty() || values.getFirst().isNull()
                  ? Datum.NULL
                  : apply.apply(values, frame.session());
            }));
  }

  private static Optional<SqlFunction> function(List<Datum> v, SessionContext session) {
    return session.tables().catalog().functions(session.transaction()).values().stream()
        .filter(function -> function.oid() == number(v, 0))
        .findFirst();
  }

  private static Datum arguments(SqlFunction function) {
    return Datum.of(
        String.join(
            ", ",
            function.arguments().stream()
                .map(a -> a.name().map(name -> name + " ").orElse("") + a.type().label())
                .toList()));
  }

  /** Bytes of a table's pages; an index has none, since it is in memory. */
  private static Datum size(String function, List<Datum> v, SessionContext session) {
    int oid = (int) number(v, 0);
    Optional<Table> table =
        SystemCatalog.tableOf(oid, session)
            .filter(found -> found.oid() == oid && !function.equals("pg_indexes_size"));
    return Datum.of(
        table.map(found -> 8192L * session.tables().heap().pages(found.locator())).orElse(0L));
  }

  private static Datum formatType(List<Datum> v, SessionContext session) {
    Optional<SqlType> type = SqlType.ofOid((int) number(v, 0));
    if (type.isEmpty()) {
      return Datum.of(number(v, 0) == 0 ? "-" : "???");
    }
    boolean plain = v.get(1).isNull();
    int limit = plain || number(v, 1) < 0 ? 0 : (int) number(v, 1) - 4;
    return Datum.of(
        plain || limit == 0 && type.get() != SqlType.BPCHAR
            ? type.get().label()
            : Types.shown(type.get(), limit));
  }

  /** A column's default: "default 2" stands for that of the second column. */
  private static Datum expression(List<Datum> v, SessionContext session) {
    String stored = ((Datum.Text) v.getFirst()).value();
    Optional<Table> table = SystemCatalog.tableOf((int) number(v, 1), session);
    if (!stored.startsWith("default ") || table.isEmpty()) {
      return Datum.of(stored);
    }
    Table.Column column =
        table.get().columns().get(Integer.parseInt(stored.substring("default ".length())) - 1);
    if (column.serial()) {
      String sequence = SystemCatalog.sequence(table.get(), column);
      return Datum.of(
          "nextval('%s'::regclass)"
              .formatted(TextFunctions.identifier(sequence).replace("'", "''")));
    }
    Deparser deparser = new Deparser(Relation.NONE, isPretty(v), session);
    return Datum.of(
        deparser.assigned(column.defaultSql().orElseThrow(), column.type(), column.limit()));
  }

  private static boolean isPretty(List<Datum> v) {
    return v.getLast().equals(Datum.TRUE);
  }

  private static Datum indexDefinition(List<Datum> v, SessionContext session) {
    int oid = (int) number(v, 0);
    Optional<Table> table = SystemCatalog.tableOf(oid, session);
    if (table.isEmpty()) {
      return Datum.NULL;
    }
    for (Table.Index index : table.get().indexes()) {
      if (index.oid() == oid) {
        long column = v.size() > 1 ? number(v, 1) : 0;
        boolean whole = column == 0;
        return Datum.of(
            whole
                ? indexDefinition(table.get(), index)
                : column > index.columns().size()
                    ? ""
                    : names(table.get(), List.of(index.columns().get((int) column - 1))));
      }
    }
    return Datum.NULL;
  }

  private static String names(Table table, List<Integer> columns) {
    return String.join(
        ", ",
        columns.stream()
            .map(at -> TextFunctions.identifier(table.columns().get(at).name()))
            .toList());
  }

  static String indexDefinition(Table table, Table.Index index) {
    return "CREATE %sINDEX %s ON public.%s USING btree (%s)"
        .formatted(
            index.unique() ? "UNIQUE " : "",
            TextFunctions.identifier(index.name()),
            TextFunctions.identifier(table.name()),
            names(table, index.columns()));
  }

  private static Datum constraint(List<Datum> v, SessionContext session) {
    int oid = (int) number(v, 0);
    Optional<Table> table = SystemCatalog.tableOf(oid, session);
    if (table.isEmpty()) {
      return Datum.NULL;
    }
    for (Table.Index index : table.get().indexes()) {
      if (index.oid() == oid) {
        String kind = index.primary() ? "PRIMARY KEY" : "UNIQUE";
        return Datum.of("%s (%s)".formatted(kind, names(table.get(), index.columns())));
      }
    }
    for (Table.Check check : table.get().checks()) {
      if (check.oid() == oid) {
        Relation relation = Relation.of(table.get(), Optional.empty());
        String condition =
            new Deparser(relation, isPretty(v), session).assigned(check.sql(), SqlType.BOOL, 0);
        return Datum.of("CHECK (%s)".formatted(condition));
      }
    }
    return Datum.NULL;
  }

  private static BiFunction<List<Datum>, SessionContext, Datum> arrayToString(List<Expr> given) {
    SqlType element = given.getFirst().type().element().orElse(SqlType.TEXT);
    return (v, _) -> {
      if (v.get(1).isNull()) {
        return Datum.NULL;
      }
      List<String> parts = new ArrayList<>();
      for (Datum value : ((Datum.Array) v.getFirst()).values()) {
        if (!value.isNull()) {
          parts.add(Functions.text(value, element));
        }
      }
      return Datum.of(String.join(((Datum.Text) v.get(1)).value(), parts));
    };
  }

  private static Expr position(List<Expr> given) {
    if (given.size() != 2) {
      throw Functions.missing("array_position", given);
    }
    SqlType element =
        given
            .getFirst()
            .type()
            .element()
            .orElseThrow(() -> Functions.missing("array_position", given));
    Expr wanted = given.get(1).known(element);
    return new Expr(
        SqlType.INT4,
        frame -> {
          Datum value = wanted.of(frame);
          if (!(given.getFirst().of(frame) instanceof Datum.Array(List<Datum> values))) {
            return Datum.NULL;
          }
          int at = values.indexOf(value);
          return at < 0 ? Datum.NULL : Datum.of(at + 1);
        });
  }
}
