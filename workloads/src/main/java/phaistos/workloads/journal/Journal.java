package phaistos.workloads.journal;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import phaistos.checker.durability.MarkerColumn;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;
import phaistos.workloads.AuditNeeds;

/**
 * The table into which every transaction of a workload inserts a row of its own, its marker. By it
 * the durability audit finds the commit in the nodes' files, whatever else the transaction did.
 */
public final class Journal {
  /** The function of a read of the whole journal on the primary. */
  public static final String FINAL_READ = "final-read";

  /** The function of a read of the whole journal on one standby. */
  public static final String STANDBY_READ = "standby-read";

  /** What the audit needs of a workload that writes the journal. */
  public static final AuditNeeds AUDIT =
      new AuditNeeds.Markers(MarkerColumn.FIRST, Optional.of(FINAL_READ));

  static final List<String> SETUP =
      List.of(
          "create table if not exists journal (marker text primary key)", "delete from journal");

  private Journal() {}

  /** Whether a call reads the journal. */
  public static boolean isRead(UntypedCall call) {
    return call.name().equals(FINAL_READ) || call.name().equals(STANDBY_READ);
  }

  /** Inserts the marker, and records the transaction's xid. */
  static void write(Sql sql, Edn marker, Details.Builder details) throws SQLException {
    Optional<Edn> xid =
        sql.value("insert into journal (marker) values (?) returning txid_current()", marker);
    if (xid.isPresent() && xid.get() instanceof Edn.Int(long number)) {
      details.xid(number);
    }
  }

  static Edn read(Sql sql) throws SQLException {
    return new Edn.Vector(sql.column("select marker from journal order by marker"));
  }
}
