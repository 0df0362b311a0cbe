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
 */
public record JdbcOptions(
    int connectSeconds, int answerSeconds, Optional<String> synchronousCommit) {
  public static final JdbcOptions DEFAULT = new JdbcOptions(2, 5, Optional.empty());

  public JdbcOptions withSynchronousCommit(Optional<String> level) {
    return new JdbcOptions(connectSeconds, answerSeconds, level);
  }

  /** pgjdbc's properties. */
  public Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("connectTimeout", Integer.toString(connectSeconds));
    properties.setProperty("socketTimeout", Integer.toString(answerSeconds));
    properties.setProperty("ApplicationName", "phaistos-client");
    synchronousCommit.ifPresent(
        level -> properties.setProperty("options", "-c synchronous_commit=" + level));
    return properties;
  }
}
