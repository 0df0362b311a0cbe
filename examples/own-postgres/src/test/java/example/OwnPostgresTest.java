package example;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import phaistos.junit.ContainerFiles;
import phaistos.junit.PostgresUnderFaults;
import phaistos.junit.ServerFault;

/** An application's own PostgreSQL: its link is cut and slowed down, and then it is audited. */
class OwnPostgresTest {
  @RegisterExtension final PostgresUnderFaults postgres = new PostgresUnderFaults();

  private Pair pair;

  @BeforeEach
  void start() throws IOException {
    pair = new Pair("n2");
    postgres
        .primary("n1", pair.url(), new ContainerFiles(pair.primary, Pair.DATA))
        .standby("n2", new ContainerFiles(pair.standby, Pair.DATA))
        .fault(ServerFault.cut(pair.link, "n1 was cut from n2"))
        .fault(ServerFault.latency(pair.link, Duration.ofMillis(80), "the link was slow"))
        .every(Duration.ofSeconds(1))
        .seed(7);
  }

  @AfterEach
  void stop() {
    pair.close();
  }

  @Test
  void keepsEveryOrderThatItConfirmed() throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.url());
        Statement statement = connection.createStatement()) {
      statement.execute("create table orders (id int primary key, item text)");
      PreparedStatement insert = connection.prepareStatement("insert into orders values (?, ?)");
      long end = System.nanoTime() + Duration.ofSeconds(8).toNanos();
      for (int id = 1; System.nanoTime() < end; id++) {
        insert.setInt(1, id);
        insert.setString(2, "item " + id);
        insert.executeUpdate();
      }
    }
  }
}
