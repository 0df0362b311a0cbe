package phaistos.formats;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import phaistos.formats.wal.SegmentName;

/**
 * A control file as text, line by line as the version's own pg_controldata prints it in the C
 * locale and UTC.
 */
public final class ControlText {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT);
  private static final String[] WAL_LEVELS = {"minimal", "replica", "logical"};
  private static final int LABEL_WIDTH = 38;

  private ControlText() {}

  public static String format(ControlFile file) {
    StringBuilder out = new StringBuilder();
    fields(file)
        .forEach(
            (label, value) -> {
              String name = label + ":";
              out.append(name).append(" ".repeat(LABEL_WIDTH - name.length()));
              out.append(value).append('\n');
            });
    return out.toString();
  }

  /** The lines as names and values, in order. */
  public static Map<String, String> fields(ControlFile file) {
    Map<String, String> out = new LinkedHashMap<>();
    out.put("pg_control version number", Integer.toString(file.version().controlVersion()));
    out.put("Catalog version number", Integer.toString(file.version().catalogVersion()));
    out.put("Database system identifier", Long.toUnsignedString(file.systemId()));
    out.put("Database cluster state", file.state().label());
    out.put("pg_control last modified", time(file.time()));
    out.put("Latest checkpoint location", file.checkPoint().toString());
    putCheckpoint(out, file.checkpoint(), file.format().walSegmentSize());
    out.put("Fake LSN counter for unlogged rels", file.unloggedLsn().toString());
    out.put("Minimum recovery ending location", file.recovery().minimum().toString());
    out.put("Min recovery ending loc's timeline", unsigned(file.recovery().minimumTimeline()));
    out.put("Backup start location", file.recovery().backupStart().toString());
    out.put("Backup end location", file.recovery().backupEnd().toString());
    out.put("End-of-backup record required", file.recovery().backupEndRequired() ? "yes" : "no");
    putSettings(out, file.settings());
    putFormat(out, file.format());
    if (file.version().charSignednessInControl()) {
      out.put("Default char data signedness", file.format().signedChars() ? "signed" : "unsigned");
    }
    out.put("Mock authentication nonce", HexFormat.of().formatHex(file.nonce()));
    return out;
  }

  private static void putCheckpoint(Map<String, String> out, Checkpoint c, int segmentSize) {
    String latest = "Latest checkpoint's ";
    out.put(latest + "REDO location", c.redo().toString());
    out.put(
        latest + "REDO WAL file", SegmentName.of(c.timeline(), c.redo(), segmentSize).toString());
    out.put(latest + "TimeLineID", unsigned(c.timeline()));
    out.put(latest + "PrevTimeLineID", unsigned(c.previousTimeline()));
    out.put(latest + "full_page_writes", onOff(c.fullPageWrites()));
    out.put(latest + "NextXID", unsigned(c.nextXid().epoch()) + ":" + c.nextXid().xid().toString());
    out.put(latest + "NextOID", unsigned(c.nextOid()));
    out.put(latest + "NextMultiXactId", unsigned(c.nextMulti()));
    out.put(latest + "NextMultiOffset", unsigned(c.nextMultiOffset()));
    out.put(latest + "oldestXID", c.oldestXid().toString());
    out.put(latest + "oldestXID's DB", unsigned(c.oldestXidDatabase()));
    out.put(latest + "oldestActiveXID", c.oldestActiveXid().toString());
    out.put(latest + "oldestMultiXid", unsigned(c.oldestMulti()));
    out.put(latest + "oldestMulti's DB", unsigned(c.oldestMultiDatabase()));
    out.put(latest + "oldestCommitTsXid", c.oldestCommitTimeXid().toString());
    out.put(latest + "newestCommitTsXid", c.newestCommitTimeXid().toString());
    out.put("Time of latest checkpoint", time(c.time()));
  }

  private static void putSettings(Map<String, String> out, ControlFile.Settings s) {
    int level = s.walLevel();
    out.put(
        "wal_level setting",
        level >= 0 && level < 3 ? WAL_LEVELS[level] : "unrecognized wal_level");
    out.put("wal_log_hints setting", onOff(s.walLogHints()));
    out.put("max_connections setting", Integer.toString(s.maxConnections()));
    out.put("max_worker_processes setting", Integer.toString(s.maxWorkerProcesses()));
    out.put("max_wal_senders setting", Integer.toString(s.maxWalSenders()));
    out.put("max_prepared_xacts setting", Integer.toString(s.maxPreparedTransactions()));
    out.put("max_locks_per_xact setting", Integer.toString(s.maxLocksPerTransaction()));
    out.put("track_commit_timestamp setting", onOff(s.trackCommitTimestamp()));
  }

  private static void putFormat(Map<String, String> out, ControlFile.Format f) {
    out.put("Maximum data alignment", unsigned(f.maxAlign()));
    out.put("Database block size", unsigned(f.blockSize()));
    out.put("Blocks per segment of large relation", unsigned(f.relationSegmentBlocks()));
    out.put("WAL block size", unsigned(f.walBlockSize()));
    out.put("Bytes per WAL segment", unsigned(f.walSegmentSize()));
    out.put("Maximum length of identifiers", unsigned(f.nameLength()));
    out.put("Maximum columns in an index", unsigned(f.indexKeys()));
    out.put("Maximum size of a TOAST chunk", unsigned(f.toastChunkSize()));
    out.put("Size of a large-object chunk", unsigned(f.largeObjectChunkSize()));
    out.put("Date/time type storage", "64-bit integers");
    out.put("Float8 argument passing", f.float8ByValue() ? "by value" : "by reference");
    out.put("Data page checksum version", unsigned(f.dataChecksumVersion()));
  }

  private static String unsigned(int value) {
    return Integer.toUnsignedString(value);
  }

  private static String onOff(boolean value) {
    return value ? "on" : "off";
  }

  private static String time(long seconds) {
    try {
      return TIME.format(Instant.ofEpochSecond(seconds).atOffset(ZoneOffset.UTC));
    } catch (java.time.DateTimeException e) {
      return Long.toString(seconds);
    }
  }
}
