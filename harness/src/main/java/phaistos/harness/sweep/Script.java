package phaistos.harness.sweep;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import phaistos.environment.SeededRandomness;

/**
 * What one client does to its own table, and what the table holds after each transaction: the
 * model. The same seed gives the same script.
 */
final class Script {
  /** Subtransactions of a large transaction: more than a session lists for others. */
  private static final int MANY = 70;

  /**
   * A transaction.
   *
   * @param commands without BEGIN and the command that ends it
   * @param commits whether it ends with COMMIT, not ROLLBACK
   * @param after the table once it has ended
   * @param maintenance a command that follows it, outside of any transaction; empty if none
   */
  record Txn(
      List<String> commands,
      boolean commits,
      SortedMap<Integer, String> after,
      String maintenance) {}

  private final String table;
  private final SeededRandomness random;
  private final TreeMap<Integer, String> rows = new TreeMap<>();
  private final List<Txn> transactions = new ArrayList<>();
  private int nextId = 1;
  private int marker;

  private Script(int client, long seed) {
    this.table = table(client);
    this.random = new SeededRandomness(seed).child(table);
  }

  static String table(int client) {
    return "sweep" + client;
  }

  static List<Txn> of(int client, long seed, int count) {
    Script script = new Script(client, seed);
    for (int i = 0; i < count; i++) {
      script.add(i);
    }
    return Collections.unmodifiableList(script.transactions);
  }

  private void add(int number) {
    boolean empties = number % 80 == 66;
    boolean commits = random.nextInt(8) != 0 || empties;
    TreeMap<Integer, String> before = new TreeMap<>(rows);
    List<String> commands = empties ? empty() : number % 25 == 12 ? large() : small();
    if (!commits) {
      rows.clear();
      rows.putAll(before);
    }
    transactions.add(new Txn(commands, commits, new TreeMap<>(rows), maintenance(number)));
  }

  private static String maintenance(int number) {
    if (number % 20 == 19) {
      return "checkpoint";
    }
    return switch (number % 40) {
      case 9 -> "vacuum";
      case 29 -> "vacuum freeze";
      default -> "";
    };
  }

  private List<String> small() {
    List<String> commands = new ArrayList<>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      switch (random.nextInt(7)) {
        case 0 -> rolledBack(commands);
        case 1 -> {
          commands.add("savepoint s" + i);
          change(commands);
          commands.add("release s" + i);
        }
        case 2 -> lock(commands);
        default -> change(commands);
      }
    }
    return commands;
  }

  /** A row is locked by the transaction and by a subtransaction of it, which is a multixact. */
  private void lock(List<String> commands) {
    if (!rows.isEmpty()) {
      String row = "select id from %s where id = %d for ".formatted(table, rows.firstKey());
      commands.add(row + "share");
      commands.add("savepoint lock");
      commands.add(row + "update");
      commands.add(random.nextInt(2) == 0 ? "release lock" : "rollback to lock");
    }
    change(commands);
  }

  private void rolledBack(List<String> commands) {
    TreeMap<Integer, String> before = new TreeMap<>(rows);
    commands.add("savepoint back");
    change(commands);
    commands.add("savepoint inner");
    change(commands);
    commands.add("rollback to back");
    rows.clear();
    rows.putAll(before);
    change(commands);
  }

  /** So that the next VACUUM cuts pages off the table's end. */
  private List<String> empty() {
    int kept = rows.isEmpty() ? 0 : rows.firstKey();
    rows.tailMap(kept, false).clear();
    return List.of("delete from %s where id > %d".formatted(table, kept));
  }

  private List<String> large() {
    List<String> commands = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      commands.add("savepoint s" + i);
      insert(commands, 10);
      if (i % 10 == 9) {
        rows.remove(nextId - 1);
        commands.add("rollback to s" + i);
      }
    }
    return commands;
  }

  private void change(List<String> commands) {
    int kind = rows.isEmpty() ? 0 : random.nextInt(4);
    if (kind < 2) {
      insert(commands, 10 + random.nextInt(3000));
      return;
    }
    List<Integer> ids = new ArrayList<>(rows.keySet());
    int id = ids.get(random.nextInt(ids.size()));
    if (kind == 2) {
      String value = value(10 + random.nextInt(300));
      rows.put(id, value);
      commands.add("update %s set v = '%s' where id = %d".formatted(table, value, id));
    } else {
      rows.remove(id);
      commands.add("delete from %s where id = %d".formatted(table, id));
    }
  }

  private void insert(List<String> commands, int length) {
    int id = nextId++;
    String value = value(length);
    rows.put(id, value);
    commands.add("insert into %s values (%d, '%s')".formatted(table, id, value));
  }

  private String value(int length) {
    return "m%d-%s".formatted(++marker, "x".repeat(length));
  }
}
