package phaistos.cluster.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import phaistos.cluster.machine.MachineFiles;

/**
 * The configuration of a node of real PostgreSQL: a file of ours that {@code postgresql.conf}
 * includes last, and that is written anew whenever something changes.
 */
public final class PostgresConfiguration {
  private static final String OURS = "phaistos.conf";
  private static final String STANDBY_SIGNAL = "standby.signal";

  private PostgresConfiguration() {}

  /**
   * Prepares a new data directory.
   *
   * @param addresses from which everybody may connect without a password
   */
  public static void prepare(Path data, String addresses) {
    String access =
        "host all all %s trust\nhost replication all %s trust\n".formatted(addresses, addresses);
    try {
      Files.writeString(data.resolve("pg_hba.conf"), access);
      Files.writeString(
          data.resolve("postgresql.conf"),
          "\ninclude_if_exists '" + OURS + "'\n",
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot configure " + data, e);
    }
  }

  /** Writes the settings of a node, in place of those written before; a power cut keeps them. */
  public static void write(Path data, Map<String, String> settings, boolean isStandby) {
    writeSettings(data, settings);
    try {
      if (isStandby) {
        Files.write(data.resolve(STANDBY_SIGNAL), new byte[0]);
        MachineFiles.sync(data.resolve(STANDBY_SIGNAL));
      } else {
        Files.deleteIfExists(data.resolve(STANDBY_SIGNAL));
      }
      MachineFiles.sync(data);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot configure " + data, e);
    }
  }

  /** The same without a word on whether it is a standby. */
  public static void writeSettings(Path data, Map<String, String> settings) {
    try {
      Files.writeString(data.resolve(OURS), lines(settings));
      MachineFiles.sync(data.resolve(OURS));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot configure " + data, e);
    }
  }

  /** The settings that a cluster needs, whatever else is set. */
  public static Map<String, String> settings(int major) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("hot_standby", "on");
    // A standby may join by streaming everything.
    if (major < 13) {
      settings.put("wal_keep_segments", "100000");
    } else {
      settings.put("wal_keep_size", "1TB");
    }
    // pg_rewind wants it where there are no checksums.
    settings.put("wal_log_hints", "on");
    // so that under load checkpoints and restartpoints are made all the time
    settings.put("max_wal_size", "64MB");
    settings.put("min_wal_size", "32MB");
    settings.put("checkpoint_timeout", "30s");
    settings.put("log_checkpoints", "on");
    settings.put("shared_buffers", "16MB");
    settings.put("max_connections", "200");
    settings.put("jit", "off");
    settings.put("wal_retrieve_retry_interval", "200ms");
    settings.put("wal_receiver_status_interval", "1s");
    // A cut is noticed within a run.
    settings.put("wal_receiver_timeout", "10s");
    settings.put("wal_sender_timeout", "10s");
    settings.put("log_line_prefix", "%m [%p] %q%a ");
    settings.put("log_timezone", "UTC");
    settings.put("timezone", "UTC");
    return settings;
  }

  /**
   * The settings for an archive.
   *
   * @param folder as a server sees it
   */
  public static Map<String, String> archiving(String folder) {
    // A segment that is there already was archived before a crash.
    String copy = "cp %%p %1$s/%%f.part && mv %1$s/%%f.part %1$s/%%f".formatted(folder);
    String command = "test -e %s/%%f || { %s; }".formatted(folder, copy);
    return Map.of("archive_mode", "on", "archive_command", command);
  }

  /**
   * Puts the command in place of the word "archive", since whoever asks for the run's own archive
   * does not know its folder.
   */
  public static void nameArchive(Map<String, String> settings, String folder) {
    settings.replace("restore_command", "archive", restoring(folder));
  }

  /** The command that fetches a segment from an archive. */
  public static String restoring(String folder) {
    return "cp %s/%%f %%p".formatted(folder);
  }

  private static String lines(Map<String, String> settings) {
    StringBuilder lines = new StringBuilder();
    settings.forEach(
        (name, value) ->
            lines.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
    return lines.toString();
  }
}
