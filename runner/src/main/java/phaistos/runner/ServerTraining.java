package phaistos.runner;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import phaistos.environment.SystemDisk;
import phaistos.environment.SystemEnvironment;
import phaistos.server.InitOptions;
import phaistos.server.Server;
import phaistos.server.defects.Defects;
import phaistos.server.settings.Settings;

/**
 * A primary and a standby at work, for the cache with which servers start: sessions that insert one
 * row, ten rows and thousands a transaction, read, update and roll back, and TPC-B; then a crash,
 * and the recovery from it.
 */
final class ServerTraining {
  private static final int SESSIONS = 4;
  private static final long NANOS = 8_000_000_000L;

  private ServerTraining() {}

  static void run(Path folder) {
    Settings settings = Settings.defaults().with("port", "0");
    Server primary = start(folder.resolve("primary"), settings, false);
    String conninfo = "host=localhost port=%d application_name=s".formatted(primary.port());
    Server standby =
        start(folder.resolve("standby"), settings.with("primary_conninfo", conninfo), true);
    String url = "jdbc:postgresql://localhost:%d/postgres?user=postgres".formatted(primary.port());
    execute(
        url,
        "create table t (id serial primary key, info text)",
        "create table b (id int)",
        "create table accounts (aid int primary key, balance int, filler char(84))",
        "create table history (aid int, delta int, mtime timestamp, filler char(22))",
        "insert into accounts select g, 0, '' from generate_series(1, 1000) g");
    long end = System.nanoTime() + NANOS;
    List<Thread> sessions = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      int number = i;
      sessions.add(Thread.ofPlatform().start(() -> work(url, end)));
      sessions.add(Thread.ofPlatform().start(() -> tpcB(url, number, end)));
    }
    for (Thread session : sessions) {
      try {
        session.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    standby.shutdown(Server.ShutdownMode.FAST);
    primary.shutdown(Server.ShutdownMode.IMMEDIATE);
    recover(folder.resolve("primary"), settings).shutdown(Server.ShutdownMode.FAST);
  }

  private static Server start(Path data, Settings settings, boolean standby) {
    data.toFile().mkdirs();
    SystemEnvironment environment = environment(data);
    InitOptions defaults = InitOptions.defaults();
    Server.initialize(environment, defaults.withSystemId(1));
    if (standby) {
      Server.makeStandby(environment);
    }
    return ready(Server.start(environment, settings, Defects.none(), (_, _, _) -> {}));
  }

  private static Server recover(Path data, Settings settings) {
    return ready(Server.start(environment(data), settings, Defects.none(), (_, _, _) -> {}));
  }

  private static SystemEnvironment environment(Path data) {
    return SystemEnvironment.of(
        "training",
        new SystemDisk(data),
        1,
        (task, failure) -> {
          throw new IllegalStateException(task.name(), failure);
        });
  }

  private static Server ready(Server server) {
    while (!server.isReady()) {
      Thread.onSpinWait();
    }
    return server;
  }

  private static void execute(String url, String... statements) {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void work(String url, long end) {
    try (Connection connection = DriverManager.getConnection(url + "&prepareThreshold=1");
        PreparedStatement insert = connection.prepareStatement("insert into t(info) values (?)");
        PreparedStatement select = connection.prepareStatement("select * from t where id = ?");
        PreparedStatement update =
            connection.prepareStatement("update t set info = ? where id = ?");
        Statement simple = connection.createStatement()) {
      for (int i = 1; System.nanoTime() < end; i++) {
        insert.setString(1, "value " + i);
        insert.executeUpdate();
        if (i % 10 == 0) {
          connection.setAutoCommit(false);
          for (int row = 0; row < 10; row++) {
            insert.executeUpdate();
          }
          connection.commit();
          insert.executeUpdate();
          connection.rollback();
          connection.setAutoCommit(true);
          select.setInt(1, i);
          select.executeQuery().close();
          update.setString(1, "changed");
          update.setInt(2, i);
          update.executeUpdate();
        }
        if (i % 50 == 0) {
          simple.execute("insert into b select g from generate_series(1, 1000) g");
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As pgbench does by default: every statement by the simple protocol. */
  private static void tpcB(String url, int number, long end) {
    try (Connection connection = DriverManager.getConnection(url + "&preferQueryMode=simple");
        Statement statement = connection.createStatement()) {
      for (int i = 1; System.nanoTime() < end; i++) {
        int account = 1 + (i * SESSIONS + number) % 1000;
        statement.execute("BEGIN");
        statement.execute(
            "UPDATE accounts SET balance = balance + %d WHERE aid = %d;".formatted(i, account));
        statement.executeQuery("SELECT balance FROM accounts WHERE aid = " + account).close();
        statement.execute(
            "INSERT INTO history (aid, delta, mtime) VALUES (%d, %d, CURRENT_TIMESTAMP);"
                .formatted(account, i));
        statement.execute("END");
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
