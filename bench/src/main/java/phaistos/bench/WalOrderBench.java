package phaistos.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.cluster.machine.MachineFiles;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.HistoryWriter;
import phaistos.histories.UntypedCall;

/**
 * {@code phaistos bench wal-order [LARGEST [SVG]]}: how {@code check --checker rw-register --wal}
 * grows with the history. Eight clients of a PostgreSQL 15 each read two rows of a thousand and
 * write two, under serializable, and record the xid; the check of strict serializability is timed
 * as a command.
 */
final class WalOrderBench {
  private static final int CLIENTS = 8;
  private static final int KEYS = 1_000;
  private static final int ROUNDS = 3;
  private static final int POINTS = 4;
  private static final String READ = "select v from registers where k = ?";
  private static final String WRITE = "update registers set v = ? where k = ?";

  private final BenchNode server;
  private final HistoryWriter history;
  private final ReentrantLock lock = new ReentrantLock();
  private long index;
  private final AtomicLong values = new AtomicLong();

  private WalOrderBench(BenchNode server, HistoryWriter history) {
    this.server = server;
    this.history = history;
  }

  static int run(String[] arguments) throws Exception {
    int largest = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
    Path root = Path.of("/tmp", "phaistos-bench-order-" + ProcessHandle.current().pid());
    Files.createDirectory(root);
    List<GrowthPlot.Point> points = new ArrayList<>();
    try {
      System.out.println("transactions   check s     cpu s  cpu us/transaction");
      for (int i = 1; i <= POINTS; i++) {
        points.add(measure(Files.createDirectory(root.resolve("of" + i)), largest / POINTS * i));
      }
    } finally {
      MachineFiles.delete(root);
    }
    if (arguments.length > 1) {
      var series = new GrowthPlot.Series("strict serializability, order from the WAL", points);
      Files.writeString(Path.of(arguments[1]), GrowthPlot.svg("transactions", List.of(series)));
    }
    return 0;
  }

  private static GrowthPlot.Point measure(Path folder, int transactions) throws Exception {
    Path data = BenchNode.primaryData(folder);
    Path file = folder.resolve("history.edn");
    try (BenchNode server =
            BenchNode.primary(BenchNode.Database.POSTGRES, folder, BenchNode.UNSYNCED);
        HistoryWriter writer = HistoryWriter.create(file)) {
      new WalOrderBench(server, writer).load(transactions);
      server.stop();
    }
    List<String> check =
        List.of(
            Path.of(System.getProperty("phaistos.home"), "phaistos").toString(),
            "check",
            "--checker",
            "rw-register",
            "--wal",
            data.toString(),
            "--consistency-model",
            "strict-serializable",
            file.toString());
    Process checked = new ProcessBuilder(check).inheritIO().start();
    if (checked.waitFor() != 0) {
      throw new IOException("exit code %d of %s".formatted(checked.exitValue(), check));
    }
    List<TimedCommand> times = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      times.add(TimedCommand.of(check));
    }
    TimedCommand median = TimedCommand.median(times);
    System.out.printf(
        Locale.ROOT,
        "%12d %9.3f %9.3f %9.1f%n",
        transactions,
        median.wallSeconds(),
        median.cpuSeconds(),
        median.cpuSeconds() * 1e6 / transactions);
    return new GrowthPlot.Point(transactions, median.cpuSeconds());
  }

  private void load(int transactions) throws Exception {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("create table registers (k int primary key, v bigint not null)");
      StringBuilder rows = new StringBuilder();
      List<Edn> steps = new ArrayList<>();
      for (int key = 0; key < KEYS; key++) {
        long value = values.incrementAndGet();
        rows.append(rows.isEmpty() ? "(" : ", (")
            .append(key)
            .append(", ")
            .append(value)
            .append(')');
        steps.add(step("w", key, Edn.of(value)));
      }
      connection.setAutoCommit(false);
      write(Event.Invoke::new, CLIENTS, steps, Details.NONE);
      statement.execute("insert into registers values " + rows);
      Details details = Details.builder().xid(xid(statement)).build();
      connection.commit();
      write(Event.Ok::new, CLIENTS, steps, details);
    }
    try (var executor = Executors.newFixedThreadPool(CLIENTS)) {
      List<Future<?>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        int client = i;
        clients.add(
            executor.submit(
                () -> {
                  transact(client, transactions / CLIENTS);
                  return null;
                }));
      }
      for (Future<?> client : clients) {
        client.get();
      }
    }
  }

  private void transact(int client, int count) throws SQLException {
    SplittableRandom random = new SplittableRandom(client);
    try (Connection connection = server.connect()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      try (PreparedStatement read = connection.prepareStatement(READ);
          PreparedStatement update = connection.prepareStatement(WRITE);
          Statement statement = connection.createStatement()) {
        for (int i = 0; i < count; i++) {
          int[] keys = random.ints(0, KEYS).distinct().limit(4).toArray();
          long one = values.incrementAndGet();
          long two = values.incrementAndGet();
          List<Edn> steps = steps(keys, Edn.NIL, Edn.NIL, one, two);
          write(Event.Invoke::new, client, steps, Details.NONE);
          try {
            Edn first = read(read, keys[0]);
            Edn second = read(read, keys[1]);
            write(update, keys[2], one);
            write(update, keys[3], two);
            Details details = Details.builder().xid(xid(statement)).build();
            connection.commit();
            write(Event.Ok::new, client, steps(keys, first, second, one, two), details);
          } catch (SQLException e) {
            connection.rollback();
            write(Event.Fail::new, client, steps, Details.NONE);
          }
        }
      }
    }
  }

  private static Edn read(PreparedStatement statement, int key) throws SQLException {
    statement.setInt(1, key);
    try (ResultSet row = statement.executeQuery()) {
      row.next();
      return Edn.of(row.getLong(1));
    }
  }

  private static void write(PreparedStatement statement, int key, long value) throws SQLException {
    statement.setLong(1, value);
    statement.setInt(2, key);
    statement.executeUpdate();
  }

  private static long xid(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("select pg_current_xact_id()::text")) {
      row.next();
      return row.getLong(1);
    }
  }

  private static List<Edn> steps(int[] keys, Edn first, Edn second, long one, long two) {
    return List.of(
        step("r", keys[0], first),
        step("r", keys[1], second),
        step("w", keys[2], Edn.of(one)),
        step("w", keys[3], Edn.of(two)));
  }

  private static Edn step(String word, int key, Edn value) {
    return Edn.vector(Edn.keyword(word), Edn.of(key), value);
  }

  /** Makes an event of its parts. */
  private interface Maker {
    Event<UntypedCall> make(
        long index,
        long time,
        phaistos.histories.Process process,
        UntypedCall call,
        Details details);
  }

  private void write(Maker maker, int client, List<Edn> steps, Details details) {
    UntypedCall call = new UntypedCall(Edn.keyword("txn"), new Edn.Vector(steps));
    var process = new phaistos.histories.Process.Client(client);
    lock.lock();
    try {
      history.write(maker.make(index++, -1, process, call, details));
    } finally {
      lock.unlock();
    }
  }
}
