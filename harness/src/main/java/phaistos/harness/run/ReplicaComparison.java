package phaistos.harness.run;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.OneValue;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;

/**
 * The act {@code compare}, at the end, when nobody writes: every standby must show the same rows as
 * the primary in every table, once it has replayed all of its WAL. What a node lost by itself, in a
 * recovery or in replay, is seen here, whatever the workload's own checks look at.
 */
public final class ReplicaComparison {
  public static final String COMPARE = "compare";

  private static final long SECOND = 1_000_000_000L;

  /** How long nodes may differ: waits for standbys end, and rows become visible. */
  private static final long LIMIT_NANOS = 10 * SECOND;

  private static final int DIFFERENCES_MAX = 5;
  private static final int ROW_MAX = 120;
  private static final Properties LIMITS = OneValue.limits(5, 20, "phaistos-compare");
  private static final String CLASSES = "select oid, relname from pg_class where relkind = 'r'";
  private static final String PRIMARY_KEYS =
      "select conrelid from pg_constraint where contype = 'p'";
  private static final String TABLES =
      "select tablename from pg_tables where schemaname = 'public' order by tablename";

  private final Cluster cluster;

  ReplicaComparison(Cluster cluster) {
    this.cluster = cluster;
  }

  /** The tables of a node: how often each has each row. */
  private record Content(Map<String, Map<String, Integer>> tables) {
    long rows() {
      return tables.values().stream()
          .flatMap(rows -> rows.values().stream())
          .mapToLong(Integer::longValue)
          .sum();
    }
  }

  /** Compares until the nodes are alike, or for so long as they may differ. */
  UntypedCall invoke(UntypedCall call) {
    long deadline = cluster.control().clock().monotonicNanos() + LIMIT_NANOS;
    while (true) {
      LinkedHashMap<Edn, Edn> value = new LinkedHashMap<>();
      boolean isDone;
      try {
        isDone = compare(value);
      } catch (SQLException e) {
        value.put(Edn.keyword("failed"), Edn.of(String.valueOf(e.getMessage())));
        isDone = false;
      }
      if (isDone || cluster.control().clock().monotonicNanos() >= deadline) {
        return new UntypedCall(call.f(), new Edn.Table(value));
      }
      cluster.control().tasks().sleep(SECOND / 2);
    }
  }

  private boolean compare(LinkedHashMap<Edn, Edn> value) throws SQLException {
    NodeId primary = cluster.primary();
    Content right = read(primary);
    List<Edn> differences = new ArrayList<>();
    long count = 0;
    for (NodeId node : cluster.nodes()) {
      if (!node.equals(primary)) {
        count += differ(primary, right, node, read(node), differences);
      }
    }
    value.put(Edn.keyword("tables"), Edn.of(right.tables.size()));
    value.put(Edn.keyword("rows"), Edn.of(right.rows()));
    List<Edn> doubled = doubled(primary, right);
    if (!doubled.isEmpty()) {
      value.put(Edn.keyword("doubled"), new Edn.Vector(doubled));
    }
    value.put(Edn.keyword("differ"), Edn.of(count));
    value.put(Edn.keyword("differences"), new Edn.Vector(differences));
    return count == 0;
  }

  /** Rows that are there more than once in tables that have a primary key. */
  private List<Edn> doubled(NodeId primary, Content content) throws SQLException {
    List<Edn> doubled = new ArrayList<>();
    Set<String> keyed = Set.of();
    for (var table : content.tables.entrySet()) {
      for (var row : table.getValue().entrySet()) {
        if (row.getValue() == 1 || doubled.size() == DIFFERENCES_MAX) {
          continue;
        }
        keyed = keyed.isEmpty() ? withPrimaryKey(primary) : keyed;
        if (keyed.contains(table.getKey())) {
          doubled.add(
              Edn.of(
                  "%s shows the row (%s) of %s %d times, which has a primary key"
                      .formatted(primary, row.getKey(), table.getKey(), row.getValue())));
        }
      }
    }
    return doubled;
  }

  private Set<String> withPrimaryKey(NodeId node) throws SQLException {
    Set<String> keys = new TreeSet<>();
    Set<String> names = new TreeSet<>();
    try (Connection connection = cluster.connect(node, LIMITS);
        Statement statement = connection.createStatement()) {
      try (ResultSet rows = statement.executeQuery(PRIMARY_KEYS)) {
        while (rows.next()) {
          keys.add(rows.getString(1));
        }
      }
      try (ResultSet rows = statement.executeQuery(CLASSES)) {
        while (rows.next()) {
          if (keys.contains(rows.getString(1))) {
            names.add(rows.getString(2));
          }
        }
      }
    }
    return names;
  }

  private static long differ(
      NodeId primary, Content right, NodeId node, Content other, List<Edn> differences) {
    if (right.equals(other)) {
      return 0;
    }
    TreeMap<String, Map<String, Integer>> names = new TreeMap<>(right.tables);
    other.tables.forEach(names::putIfAbsent);
    long count = 0;
    for (String table : names.keySet()) {
      Map<String, Integer> there = right.tables.getOrDefault(table, Map.of());
      Map<String, Integer> here = other.tables.getOrDefault(table, Map.of());
      TreeMap<String, Integer> rows = new TreeMap<>(there);
      here.forEach(rows::putIfAbsent);
      for (String row : rows.keySet()) {
        int lacks = there.getOrDefault(row, 0) - here.getOrDefault(row, 0);
        count += Math.abs(lacks);
        if (lacks != 0 && differences.size() < DIFFERENCES_MAX) {
          String shown = row.length() > ROW_MAX ? row.substring(0, ROW_MAX) + "..." : row;
          differences.add(
              Edn.of(
                  "%s shows the row (%s) of %s %d times, the primary %s %d times"
                      .formatted(
                          node,
                          shown,
                          table,
                          here.getOrDefault(row, 0),
                          primary,
                          there.getOrDefault(row, 0))));
        }
      }
    }
    return count;
  }

  private Content read(NodeId node) throws SQLException {
    Map<String, Map<String, Integer>> tables = new TreeMap<>();
    try (Connection connection = cluster.connect(node, LIMITS);
        Statement statement = connection.createStatement()) {
      List<String> names = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery(TABLES)) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
      for (String name : names) {
        tables.put(name, rows(statement, name));
      }
    }
    return new Content(tables);
  }

  private static Map<String, Integer> rows(Statement statement, String table) throws SQLException {
    Map<String, Integer> found = new HashMap<>();
    String quoted = '"' + table.replace("\"", "\"\"") + '"';
    try (ResultSet rows = statement.executeQuery("select * from " + quoted)) {
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        StringBuilder row = new StringBuilder();
        for (int i = 1; i <= columns; i++) {
          row.append(i == 1 ? "" : ", ").append(rows.getString(i));
        }
        found.merge(row.toString(), 1, Integer::sum);
      }
    }
    return found;
  }
}
