package phaistos.cluster.containers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.CrashReport;
import phaistos.cluster.machine.MachineFiles;
import phaistos.environment.crashable.PowerCut;

/**
 * The folder of one node on this machine: {@code data} is its data directory. Changed only while
 * the node is down.
 */
record NodeFolder(Path folder) {
  private static final String CONFIGURATION = "postgresql.conf";
  private static final String STANDBY_SIGNAL = "standby.signal";

  Path data() {
    return folder.resolve("data");
  }

  /**
   * Replaces the content by the cluster's initial data directory; the folder itself is mounted, and
   * stays.
   */
  void reset(Path initial) {
    try {
      Files.createDirectories(folder);
      try (var entries = Files.list(folder)) {
        entries.forEach(Leftovers::deleteFolder);
      }
      MachineFiles.copy(initial, data(), List.of());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the data directory " + data(), e);
    }
  }

  /** Appends to the configuration; the last line for a setting counts. */
  void configure(Map<String, String> settings) {
    StringBuilder lines = new StringBuilder();
    settings.forEach(
        (name, value) ->
            lines.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
    try {
      Files.writeString(
          data().resolve(CONFIGURATION),
          lines,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the configuration in " + data(), e);
    }
  }

  /** Makes the node start as a standby from now on, until it is promoted. */
  void makeStandby() {
    try {
      Files.write(data().resolve(STANDBY_SIGNAL), new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + STANDBY_SIGNAL + " in " + data(), e);
    }
  }

  /** Cuts the power of a node that was killed. */
  CrashReport loseUnsynced(CrashMode mode, long seed) {
    PowerCut.Takes takes =
        switch (mode) {
          case ALL_LOST -> PowerCut.Takes.ALL;
          case SOME_LOST -> PowerCut.Takes.SOME;
          case TORN -> PowerCut.Takes.TORN;
        };
    try {
      return new CrashReport(PowerCut.strike(data(), takes, seed).bytes());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot take back unsynced writes of " + data(), e);
    }
  }

  /** Takes back every write that was not synced. */
  void dropUnsynced() {
    loseUnsynced(CrashMode.ALL_LOST, 0);
  }

  void copyTo(Path target) {
    try {
      MachineFiles.copy(folder, target, List.of());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy " + folder + " to " + target, e);
    }
  }
}
