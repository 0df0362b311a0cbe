package phaistos.server.recovery;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;

/**
 * Syncs all files after a crash, so that data written but never synced becomes durable before it is
 * used (SyncDataDirectory).
 */
final class DataDirectorySync {
  /** Folders in pg_wal that a base backup of PostgreSQL brings; nothing in them is used. */
  private static final Set<String> FOLDERS = Set.of("archive_status", "summaries");

  private DataDirectorySync() {}

  static void run(Disk disk, Steps steps) throws IOException {
    List<String> directories =
        new ArrayList<>(
            List.of("pg_wal", "pg_xact", "global", "pg_multixact/offsets", "pg_multixact/members"));
    disk.list("base").forEach(database -> directories.add("base/" + database));
    for (String directory : directories) {
      for (String name : disk.list(directory)) {
        if (directory.equals("pg_wal") && FOLDERS.contains(name)) {
          continue;
        }
        String path = directory + "/" + name;
        try (DiskFile file = disk.open(path)) {
          steps.step(StorageSteps.DATA_DIRECTORY_SYNC, path, file::sync);
        }
      }
      steps.step(StorageSteps.DATA_DIRECTORY_SYNC, directory, () -> disk.syncDirectory(directory));
    }
  }
}
