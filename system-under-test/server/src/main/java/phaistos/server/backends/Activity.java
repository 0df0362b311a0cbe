package phaistos.server.backends;

import java.util.Optional;
import java.util.OptionalLong;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;

/**
 * What a session or a background process does: a row of pg_stat_activity. Times are microseconds
 * since 2000.
 *
 * @param client empty for a background process
 * @param state as the view shows it; empty for a background process
 * @param xid the running transaction's, or invalid
 * @param xmin of its snapshot, or invalid
 * @param waitEvent type and name with a slash between, or empty
 * @param waitingFor the end of the commit record whose replication a session waits for, or invalid
 */
public record Activity(
    int pid,
    String backendType,
    Optional<Client> client,
    long startedAt,
    OptionalLong transactionStart,
    OptionalLong queryStart,
    OptionalLong stateChange,
    String state,
    Xid xid,
    Xid xmin,
    String query,
    String waitEvent,
    Lsn waitingFor) {
  /**
   * The other end of a session.
   *
   * @param database empty for a walsender
   * @param port -1 for a Unix socket
   */
  public record Client(
      String user, String database, String applicationName, String address, int port) {}
}
