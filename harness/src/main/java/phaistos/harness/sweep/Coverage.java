package phaistos.harness.sweep;

import java.util.List;
import phaistos.simulator.RecordedDisk.Change;

/**
 * What the recorded run has done to the disk, so that a sweep that passed nothing of interest is
 * not taken for one that did.
 *
 * @param walSegments made
 * @param commitLogSegments made
 * @param commitLogTruncations segments of the commit log removed
 * @param controlFileWrites checkpoints and changes of state
 * @param tableWrites of pages of tables
 * @param tableTruncations times that VACUUM cut pages off a table's end
 */
public record Coverage(
    int walSegments,
    int commitLogSegments,
    int commitLogTruncations,
    int controlFileWrites,
    int tableWrites,
    int tableTruncations) {
  static Coverage of(List<Change> changes) {
    int wal = 0;
    int made = 0;
    int removed = 0;
    int control = 0;
    int tables = 0;
    int cut = 0;
    java.util.Map<Long, String> paths = new java.util.HashMap<>();
    for (Change change : changes) {
      switch (change) {
        case Change.Created(long file, String path) -> {
          paths.put(file, path);
          wal += path.startsWith("pg_wal/") ? 1 : 0;
          made += path.startsWith("pg_xact/") ? 1 : 0;
        }
        case Change.Deleted(String path) -> removed += path.startsWith("pg_xact/") ? 1 : 0;
        case Change.Written(long file, long _, byte[] _) -> {
          String path = paths.getOrDefault(file, "");
          control += path.startsWith("global/pg_control") ? 1 : 0;
          tables += path.startsWith("base/") ? 1 : 0;
        }
        case Change.Truncated(long file, long _) ->
            cut += paths.getOrDefault(file, "").startsWith("base/") ? 1 : 0;
        case Change.Synced _,
            Change.DirectoriesMade _,
            Change.Renamed _,
            Change.DirectorySynced _ -> {}
      }
    }
    return new Coverage(wal, made, removed, control, tables, cut);
  }

  /** Whether a run crossed segments of both logs, removed one, wrote tables and truncated one. */
  public boolean isWhole() {
    return walSegments > 1
        && commitLogSegments > 1
        && commitLogTruncations > 0
        && controlFileWrites > 0
        && tableWrites > 0
        && tableTruncations > 0;
  }

  @Override
  public String toString() {
    return ("%d WAL segments, %d commit log segments made and %d removed, %d writes of the control"
            + " file, %d of tables, %d truncations of tables")
        .formatted(
            walSegments,
            commitLogSegments,
            commitLogTruncations,
            controlFileWrites,
            tableWrites,
            tableTruncations);
  }
}
