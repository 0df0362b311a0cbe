package phaistos.workloads;

import java.util.Optional;
import java.util.Properties;

/**
 * How a client connects. The sockets' time limits bound every wait, since pgjdbc's query timeout
 * would start threads of its own.
 *
 * @param connectSeconds limit for a connection
 * @param answerSeconds limit for an answer, the wait for standbys included
 * @param synchronousCommit set by every session; empty for the node's own setting
 * @param isolation of every transaction
 * @param owedTo synchronous_standby_names by which every commit is judged where they change under
 *     load; empty for those that the node has when a client connects
 */
public record JdbcOptions(
    int connectSeconds,
    int answerSeconds,
    Optional<String> synchronousCommit,
    Isolation isolation,
    Optional<String> owedTo) {
  public static final JdbcOptions DEFAULT = new JdbcOptions(2, 5, Optional.empty());

  /** READ COMMITTED, PostgreSQL's default. */
  public JdbcOptions(int connectSeconds, int answerSeconds, Optional<String> synchronousCommit) {
    this(
        connectSeconds,
        answerSeconds,
        synchronousCommit,
        Isolation.READ_COMMITTED,
        Optional.empty());
  }

  public JdbcOptions withSynchronousCommit(Optional<String> level) {
    return new JdbcOptions(connectSeconds, answerSeconds, level, isolation, owedTo);
  }

  public JdbcOptions withIsolation(Isolation level) {
    return new JdbcOptions(connectSeconds, answerSeconds, synchronousCommit, level, owedTo);
  }

  public JdbcOptions withAnswerSeconds(int seconds) {
    return new JdbcOptions(connectSeconds, seconds, synchronousCommit, isolation, owedTo);
  }

  public JdbcOptions withOwedTo(String names) {
    return new JdbcOptions(
        connectSeconds, answerSeconds, synchronousCommit, isolation, Optional.of(names));
  }

  /** The same for a standby, which has no SERIALIZABLE (PostgreSQL's 0A000). */
  public JdbcOptions forStandby() {
    return isolation == Isolation.SERIALIZABLE ? withIsolation(Isolation.REPEATABLE_READ) : this;
  }

  /** pgjdbc's properties. */
  public Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("connectTimeout", Integer.toString(connectSeconds));
    properties.setProperty("socketTimeout", Integer.toString(answerSeconds));
    properties.setProperty("ApplicationName", "phaistos-client");
    StringBuilder settings = new StringBuilder();
    synchronousCommit.ifPresent(
        level -> settings.append("-c synchronous_commit=").append(level).append(' '));
    if (isolation != Isolation.READ_COMMITTED) {
      settings.append("-c default_transaction_isolation=");
      settings.append(isolation.setting().replace(" ", "\\ "));
    }
    if (!settings.isEmpty()) {
      properties.setProperty("options", settings.toString().strip());
    }
    return properties;
  }
}
