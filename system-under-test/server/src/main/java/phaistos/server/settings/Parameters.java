package phaistos.server.settings;

import static phaistos.server.settings.Parameter.bool;
import static phaistos.server.settings.Parameter.choice;
import static phaistos.server.settings.Parameter.integer;
import static phaistos.server.settings.Parameter.real;
import static phaistos.server.settings.Parameter.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import phaistos.environment.FileRanges;
import phaistos.server.errors.PgError;
import phaistos.server.settings.Parameter.Context;
import phaistos.server.settings.Parameter.Unit;

/** Every setting that the server knows, with PostgreSQL 15's names and defaults. */
public final class Parameters {
  private static final int MAX = Integer.MAX_VALUE;
  private static final Map<String, Parameter> BY_NAME = new TreeMap<>();

  static {
    List<Parameter> all = new ArrayList<>();
    commit(all);
    replication(all);
    checkpoints(all);
    slru(all);
    connections(all);
    session(all);
    for (Parameter parameter : all) {
      BY_NAME.put(parameter.name().toLowerCase(Locale.ROOT), parameter);
    }
  }

  private Parameters() {}

  /**
   * @throws PgError 42704 if there is none of this name
   */
  public static Parameter named(String name) {
    Parameter parameter = BY_NAME.get(name.toLowerCase(Locale.ROOT));
    if (parameter == null) {
      throw PgError.error("42704", "unrecognized configuration parameter \"%s\"".formatted(name));
    }
    return parameter;
  }

  /** Values with their own grammar are checked when they are set, not when they are used. */
  static void check(Parameter parameter, String value) {
    switch (parameter.name()) {
      case "synchronous_standby_names" -> StandbyNames.parse(value);
      case "primary_conninfo" -> ConnectionInfo.parse(value, "");
      case "phaistos.slru_sync_range" -> checkRangeSync(parameter, value);
      default -> {
        // any text
      }
    }
  }

  private static void checkRangeSync(Parameter parameter, String value) {
    if (parameter.canonical(value).equals("on") && !FileRanges.AVAILABLE) {
      throw PgError.error(
          "22023",
          "%s must be off on systems that lack sync_file_range()".formatted(parameter.name()));
    }
  }

  public static boolean exists(String name) {
    return BY_NAME.containsKey(name.toLowerCase(Locale.ROOT));
  }

  /** All of them by rising name. */
  public static List<Parameter> all() {
    return List.copyOf(BY_NAME.values());
  }

  private static void commit(List<Parameter> all) {
    all.add(
        choice(
            "synchronous_commit",
            "on",
            Context.USER,
            "local",
            "remote_write",
            "remote_apply",
            "on",
            "off"));
    all.add(text("synchronous_standby_names", "", Context.SIGHUP));
    all.add(choice("wal_level", "replica", Context.POSTMASTER, "minimal", "replica", "logical"));
    all.add(bool("fsync", true, Context.SIGHUP));
    all.add(bool("full_page_writes", true, Context.SIGHUP));
    all.add(bool("wal_log_hints", false, Context.POSTMASTER));
    all.add(
        choice(
            "wal_sync_method",
            "fdatasync",
            Context.SIGHUP,
            "fsync",
            "fdatasync",
            "open_sync",
            "open_datasync"));
    all.add(integer("commit_delay", 0, Context.USER, 0, 100_000, Unit.NONE));
    all.add(integer("commit_siblings", 5, Context.USER, 0, 1000, Unit.NONE));
    all.add(integer("wal_writer_delay", 200, Context.SIGHUP, 1, 10_000, Unit.MILLIS));
    all.add(integer("wal_writer_flush_after", 128, Context.SIGHUP, 0, MAX, Unit.BLOCKS));
    all.add(integer("wal_buffers", -1, Context.POSTMASTER, -1, 262_143, Unit.BLOCKS));
    all.add(integer("wal_segment_size", 16_384, Context.INTERNAL, 1024, 1 << 20, Unit.KILOBYTES));
    all.add(integer("block_size", 8192, Context.INTERNAL, 8192, 8192, Unit.NONE));
    all.add(bool("data_checksums", false, Context.INTERNAL));
    all.add(bool("data_sync_retry", false, Context.POSTMASTER));
    all.add(integer("max_prepared_transactions", 0, Context.POSTMASTER, 0, 262_143, Unit.NONE));
    all.add(bool("track_commit_timestamp", false, Context.POSTMASTER));
  }

  private static void replication(List<Parameter> all) {
    all.add(integer("max_wal_senders", 10, Context.POSTMASTER, 0, 262_143, Unit.NONE));
    all.add(integer("max_replication_slots", 10, Context.POSTMASTER, 0, 262_143, Unit.NONE));
    all.add(integer("wal_sender_timeout", 60_000, Context.USER, 0, MAX, Unit.MILLIS));
    all.add(integer("wal_keep_size", 0, Context.SIGHUP, 0, MAX, Unit.MEGABYTES));
    all.add(text("primary_conninfo", "", Context.SIGHUP));
    all.add(text("primary_slot_name", "", Context.SIGHUP));
    all.add(bool("hot_standby", true, Context.POSTMASTER));
    all.add(bool("hot_standby_feedback", false, Context.SIGHUP));
    all.add(
        integer("wal_receiver_status_interval", 10, Context.SIGHUP, 0, 2_147_483, Unit.SECONDS));
    all.add(integer("wal_receiver_timeout", 60_000, Context.SIGHUP, 0, MAX, Unit.MILLIS));
    all.add(integer("wal_retrieve_retry_interval", 5000, Context.SIGHUP, 1, MAX, Unit.MILLIS));
    all.add(integer("recovery_min_apply_delay", 0, Context.SIGHUP, 0, MAX, Unit.MILLIS));
    all.add(integer("max_standby_streaming_delay", 30_000, Context.SIGHUP, -1, MAX, Unit.MILLIS));
    all.add(text("recovery_target_timeline", "latest", Context.POSTMASTER));
    all.add(text("cluster_name", "", Context.POSTMASTER));
  }

  private static void checkpoints(List<Parameter> all) {
    all.add(integer("checkpoint_timeout", 300, Context.SIGHUP, 30, 86_400, Unit.SECONDS));
    all.add(real("checkpoint_completion_target", "0.9", Context.SIGHUP));
    all.add(integer("max_wal_size", 1024, Context.SIGHUP, 2, MAX, Unit.MEGABYTES));
    all.add(integer("min_wal_size", 80, Context.SIGHUP, 2, MAX, Unit.MEGABYTES));
    all.add(bool("log_checkpoints", true, Context.SIGHUP));
    all.add(integer("shared_buffers", 16_384, Context.POSTMASTER, 16, MAX / 2, Unit.BLOCKS));
    all.add(bool("autovacuum", false, Context.SIGHUP));
    all.add(
        integer(
            "autovacuum_freeze_max_age",
            200_000_000,
            Context.POSTMASTER,
            100_000,
            2_000_000_000,
            Unit.NONE));
    all.add(text("phaistos.defect", "", Context.POSTMASTER));
    all.add(bool("phaistos.crashable_disk", false, Context.POSTMASTER));
  }

  private static void slru(List<Parameter> all) {
    all.add(integer("phaistos.transaction_buffers", 0, Context.POSTMASTER, 0, 131_072, Unit.NONE));
    all.add(choice("phaistos.slru_sync", "write", Context.SIGHUP, "write", "checkpoint"));
    all.add(bool("phaistos.slru_preallocate", false, Context.SIGHUP));
    all.add(bool("phaistos.slru_sync_range", false, Context.SIGHUP));
  }

  private static void connections(List<Parameter> all) {
    all.add(text("listen_addresses", "localhost", Context.POSTMASTER));
    all.add(integer("port", 5432, Context.POSTMASTER, 0, 65_535, Unit.NONE));
    all.add(integer("max_connections", 100, Context.POSTMASTER, 1, 262_143, Unit.NONE));
    all.add(integer("max_worker_processes", 8, Context.POSTMASTER, 0, 262_143, Unit.NONE));
    all.add(integer("max_locks_per_transaction", 64, Context.POSTMASTER, 10, MAX, Unit.NONE));
    all.add(integer("authentication_timeout", 60, Context.SIGHUP, 1, 600, Unit.SECONDS));
    all.add(integer("deadlock_timeout", 1000, Context.USER, 1, MAX, Unit.MILLIS));
    all.add(integer("statement_timeout", 0, Context.USER, 0, MAX, Unit.MILLIS));
    all.add(integer("lock_timeout", 0, Context.USER, 0, MAX, Unit.MILLIS));
    all.add(integer("idle_in_transaction_session_timeout", 0, Context.USER, 0, MAX, Unit.MILLIS));
  }

  private static void session(List<Parameter> all) {
    all.add(text("application_name", "", Context.USER));
    all.add(text("client_encoding", "UTF8", Context.USER));
    all.add(text("server_encoding", "UTF8", Context.INTERNAL));
    all.add(text("server_version", "15.18", Context.INTERNAL));
    all.add(integer("server_version_num", 150_018, Context.INTERNAL, 0, MAX, Unit.NONE));
    all.add(text("DateStyle", "ISO, MDY", Context.USER));
    all.add(text("IntervalStyle", "postgres", Context.USER));
    all.add(text("TimeZone", "UTC", Context.USER));
    all.add(text("search_path", "\"$user\", public", Context.USER));
    all.add(text("data_directory", "", Context.INTERNAL));
    all.add(text("data_directory_mode", "0700", Context.INTERNAL));
    all.add(integer("extra_float_digits", 1, Context.USER, -15, 3, Unit.NONE));
    all.add(bool("integer_datetimes", true, Context.INTERNAL));
    all.add(bool("standard_conforming_strings", true, Context.USER));
    all.add(bool("is_superuser", true, Context.INTERNAL));
    all.add(bool("in_hot_standby", false, Context.INTERNAL));
    all.add(text("session_authorization", "", Context.INTERNAL));
    all.add(bool("default_transaction_read_only", false, Context.USER));
    all.add(bool("transaction_read_only", false, Context.USER));
    String[] levels = {"serializable", "repeatable read", "read committed", "read uncommitted"};
    all.add(choice("default_transaction_isolation", "read committed", Context.USER, levels));
    all.add(choice("transaction_isolation", "read committed", Context.USER, levels));
    String[] messages = {"debug1", "log", "notice", "warning", "error"};
    all.add(choice("client_min_messages", "notice", Context.USER, messages));
    all.add(bool("row_security", true, Context.USER));
  }
}
