package phaistos.workloads;

import java.util.List;
import java.util.Optional;
import phaistos.checker.durability.MarkerColumn;

/** What a workload tells the durability audit, which looks for its commits in the nodes' files. */
public sealed interface AuditNeeds {
  /**
   * Every writing transaction records a marker, a value that occurs in its rows and in no others.
   *
   * @param column the marker's place in a row
   * @param finalReads the functions whose ok events carry, as their value, the markers of all
   *     visible rows; of several functions each reads some of the tables; empty if no function
   *     reads them all at the end
   */
  record Markers(MarkerColumn column, List<String> finalReads) implements AuditNeeds {
    public Markers {
      finalReads = List.copyOf(finalReads);
    }

    /** With at most one function that reads everything. */
    public Markers(MarkerColumn column, Optional<String> finalRead) {
      this(column, finalRead.stream().toList());
    }
  }

  /** The files are not audited. The report says why. */
  record Nothing(String why) implements AuditNeeds {}
}
