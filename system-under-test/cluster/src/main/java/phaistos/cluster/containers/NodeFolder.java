package phaistos.cluster.containers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import phaistos.cluster.machine.MachineFiles;
import phaistos.cluster.machine.UserId;

/**
 * The folder of one node on this machine: {@code data} is its data directory. Changed only while
 * the node is down, but for settings.
 */
record NodeFolder(Path folder, UserId owner) {
  private static final String CONFIGURATION = "postgresql.conf";
  private static final String STANDBY_SIGNAL = "standby.signal";
  private static final String FOR_NOW = "# Phaistos, for a while:\n";

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
      own(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the data directory " + data(), e);
    }
  }

  /**
   * Appends to the configuration; the last line for a setting counts. What was set for a while is
   * gone. A power cut keeps it.
   */
  void configure(Map<String, String> settings) {
    write(lasting() + lines(settings));
  }

  /** Puts settings for a while behind the others, in place of those before; the node may be up. */
  void configureForNow(Map<String, String> settings) {
    write(lasting() + (settings.isEmpty() ? "" : FOR_NOW + lines(settings)));
  }

  private String lasting() {
    try {
      Path file = data().resolve(CONFIGURATION);
      String text = Files.exists(file) ? Files.readString(file) : "";
      int end = text.indexOf(FOR_NOW);
      return end < 0 ? text : text.substring(0, end);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the configuration in " + data(), e);
    }
  }

  private static String lines(Map<String, String> settings) {
    StringBuilder lines = new StringBuilder();
    settings.forEach(
        (name, value) ->
            lines.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
    return lines.toString();
  }

  private void write(String lines) {
    try {
      Files.writeString(data().resolve(CONFIGURATION), lines);
      own(data().resolve(CONFIGURATION));
      MachineFiles.sync(data().resolve(CONFIGURATION));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the configuration in " + data(), e);
    }
  }

  /** Makes the node start as a standby from now on, until it is promoted. */
  void makeStandby() {
    try {
      Files.write(data().resolve(STANDBY_SIGNAL), new byte[0]);
      own(data().resolve(STANDBY_SIGNAL));
      MachineFiles.sync(data().resolve(STANDBY_SIGNAL));
      MachineFiles.sync(data());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + STANDBY_SIGNAL + " in " + data(), e);
    }
  }

  /** Gives everything in it to the node's user. */
  void own() {
    try {
      own(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot give " + folder + " away", e);
    }
  }

  private void own(Path path) throws IOException {
    MachineFiles.ownAll(path, owner);
  }
}
