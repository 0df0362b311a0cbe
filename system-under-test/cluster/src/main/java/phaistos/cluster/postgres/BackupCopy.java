package phaistos.cluster.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ClusterException;
import phaistos.cluster.Nodes;
import phaistos.cluster.OneValue;
import phaistos.cluster.machine.MachineFiles;
import phaistos.cluster.machine.Pause;
import phaistos.formats.ControlFile;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.FormatException;

/**
 * A base backup by PostgreSQL's low-level interface ("Making a Base Backup Using the Low Level
 * API"): the files are copied while the server is in backup mode. The WAL is left out, because the
 * copy streams it from the server.
 */
public final class BackupCopy {
  /** Folders whose content is of no use to another server (basebackup.c, excludeDirContents). */
  private static final List<String> EMPTY =
      List.of(
          "pg_wal",
          "pg_replslot",
          "pg_dynshmem",
          "pg_notify",
          "pg_serial",
          "pg_snapshots",
          "pg_stat_tmp",
          "pg_subtrans");

  private static final List<String> LEFT_OUT =
      List.of("postmaster.pid", "postmaster.opts", "standby.signal", "backup_label");

  private static final String CONTROL = "global/pg_control";

  private BackupCopy() {}

  /**
   * Makes a copy.
   *
   * @param from the data directory of the node, which runs
   * @param to does not exist yet
   */
  public static void make(Nodes nodes, NodeId node, PostgresVersion version, Path from, Path to)
      throws IOException {
    boolean isNew = version.major() >= 15;
    try (Connection connection = nodes.connect(node, OneValue.limits(5, 65, "phaistos-backup"));
        Statement statement = connection.createStatement()) {
      statement.execute(
          isNew
              ? "SELECT pg_backup_start('phaistos', true)"
              : "SELECT pg_start_backup('phaistos', true, false)");
      MachineFiles.copy(
          from, to, java.util.stream.Stream.concat(EMPTY.stream(), LEFT_OUT.stream()).toList());
      for (String folder : EMPTY) {
        if (Files.isDirectory(from.resolve(folder))) {
          Files.createDirectories(to.resolve(folder));
        }
      }
      Files.createDirectories(to.resolve("pg_wal/archive_status"));
      copyControlFile(from, to);
      try (ResultSet end =
          statement.executeQuery(
              isNew
                  ? "SELECT labelfile FROM pg_backup_stop(false)"
                  : "SELECT labelfile FROM pg_stop_backup(false, false)")) {
        end.next();
        Files.writeString(to.resolve("backup_label"), end.getString(1));
      }
    } catch (SQLException e) {
      throw new ClusterException("no backup of " + node + ": " + e.getMessage(), e);
    }
  }

  /** The server may write this one at any moment; it is one sector, with a checksum. */
  private static void copyControlFile(Path from, Path to) throws IOException {
    for (int attempt = 1; ; attempt++) {
      Files.copy(from.resolve(CONTROL), to.resolve(CONTROL), StandardCopyOption.REPLACE_EXISTING);
      try {
        ControlFile.read(new FolderDataDirectory(to));
        return;
      } catch (FormatException e) {
        if (attempt == 10) {
          throw e;
        }
        Pause.of(Duration.ofMillis(20));
      }
    }
  }
}
