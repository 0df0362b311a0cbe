package phaistos.runner.museum;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import phaistos.checker.CheckContext;
import phaistos.checker.durability.AuditInput;
import phaistos.checker.durability.AuditReport;
import phaistos.checker.durability.DurabilityAudit;
import phaistos.checker.durability.FinalRead;
import phaistos.checker.durability.ImageKind;
import phaistos.checker.durability.Marker;
import phaistos.checker.durability.MarkerColumn;
import phaistos.checker.durability.NodeImage;
import phaistos.checker.durability.TextReport;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.CrashReport;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.Stream;
import phaistos.cluster.ClusterException;
import phaistos.cluster.fuse.FuseVolumes;
import phaistos.cluster.machine.DataVolumes;
import phaistos.formats.DataDirectory;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/**
 * A synchronous standby loses what it has acknowledged when it dies in the first segment of a new
 * timeline. It follows the promotion of another standby, and receives the segment in which the new
 * timeline begins from that segment's start, into a new file. Here its link is slow, and it is
 * killed before that file has reached the fork. Alone, it is started and promoted: recovery reads
 * the new timeline's file, which ends too early, and never returns to the complete one of the old
 * timeline. Nothing is said.
 */
final class TimelineHoleScene {
  private static final int ROWS = 600;
  private static final int ROW_BYTES = 7_000;
  private static final long SLOW_KILOBYTES = 400;
  private static final long FILLED_MIN = 800_000;
  private static final int PAGE = 8192;
  private static final int EVENTS_SHOWN = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Process.Client CLIENT = new Process.Client(0);
  private static final String RULE = "FIRST 1 (n3)";

  static final Exhibit EXHIBIT =
      new Exhibit(
          "timeline-hole",
          "a synchronous standby that dies in the first segment of a new timeline loses commits"
              + " that it acknowledged, without a word",
          "docs/FINDINGS.md",
          List.of("13", "14", "15", "16", "17", "18"),
          List.of(),
          1,
          (place, tries, seed, each) -> run(place, tries, seed, End.KILL, each));

  static final Exhibit POWER_CUT =
      new Exhibit(
          "timeline-hole-power-cut",
          "the same, but the standby's machine loses its power, and with it what was not synced",
          EXHIBIT.source(),
          EXHIBIT.present(),
          List.of(),
          1,
          (place, tries, seed, each) -> run(place, tries, seed, End.POWER_CUT, each));

  static final Exhibit SLOW_LINK =
      new Exhibit(
          "timeline-hole-slow-link",
          "the same, but the standby does not die: it is promoted while its link is slow",
          EXHIBIT.source(),
          EXHIBIT.present(),
          List.of(),
          1,
          (place, tries, seed, each) -> run(place, tries, seed, End.SLOW_LINK, each));

  /** How the standby dies. */
  private enum End {
    KILL,
    POWER_CUT,
    /** It does not: its link is slow, and its primary is lost. */
    SLOW_LINK;

    DataVolumes volumes() {
      return switch (this) {
        case KILL, SLOW_LINK -> DataVolumes.plain();
        case POWER_CUT -> FuseVolumes.orPlain();
      };
    }

    /** Returns what happened, as a participle. */
    String strike(Lab lab, NodeId node, long seed) {
      return switch (this) {
        case KILL -> {
          lab.cluster().kill(node);
          yield "killed";
        }
        case POWER_CUT -> {
          CrashReport report =
              lab.cluster().power().orElseThrow().crash(node, CrashMode.ALL_LOST, seed);
          yield "cut off from its power (%,d unsynced bytes lost)"
              .formatted(report.unsyncedBytesLost());
        }
        case SLOW_LINK -> "on a slow link";
      };
    }
  }

  private TimelineHoleScene() {}

  private static void run(Place place, int tries, long seed, End end, Consumer<Exhibit.Try> each)
      throws SQLException, IOException {
    Map<String, String> settings =
        Map.of(
            "synchronous_standby_names", RULE,
            "autovacuum", "off",
            "checkpoint_timeout", "1h",
            "max_wal_size", "4GB",
            "wal_receiver_timeout", "0",
            "wal_sender_timeout", "0");
    for (int n = 0; n < tries; n++) {
      try (Lab lab = new Lab(place, 3, seed, settings, end.volumes())) {
        each.accept(attempt(lab, end, seed));
      }
    }
  }

  private static Exhibit.Try attempt(Lab lab, End end, long seed) throws SQLException, IOException {
    lab.execute(
        Lab.N1,
        "CREATE TABLE t (id bigint PRIMARY KEY, pad text)",
        "ALTER TABLE t ALTER pad SET STORAGE PLAIN",
        "SELECT pg_switch_wal()",
        "CHECKPOINT");
    require(lab.awaitReplay(Lab.N3, Lab.N1, PATIENCE), "n3 does not catch up");
    lab.execute(Lab.N3, "CHECKPOINT"); // its restartpoint is at the segment's start
    History<UntypedCall> history = insert(lab);
    String segment =
        lab.ask(Lab.N1, "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 9)").orElseThrow();
    require(lab.awaitReplay(Lab.N2, Lab.N1, PATIENCE), "n2 does not catch up");
    require(lab.awaitReplay(Lab.N3, Lab.N1, PATIENCE), "n3 does not catch up");
    lab.cluster().kill(Lab.N1);
    DataDirectory first = lab.image(Lab.N1);
    lab.acts().promote(Lab.N2);
    Stream replication = new Stream(Optional.of(Lab.N3), Lab.N2, false);
    lab.limitBandwidth(replication, SLOW_KILOBYTES);
    lab.acts().follow(Lab.N3, Lab.N2);
    Path wal = lab.files(Lab.N3).resolve("pg_wal");
    Path fresh = wal.resolve("00000002" + segment);
    require(
        Lab.await(PATIENCE, () -> filled(fresh) > FILLED_MIN),
        "the new timeline's segment does not arrive");
    String how = end.strike(lab, Lab.N3, seed);
    long filled = filled(fresh);
    lab.cluster().kill(Lab.N2);
    String state = "%s with %,d bytes of the new timeline's first segment".formatted(how, filled);
    if (end == End.SLOW_LINK) {
      state += promoteRunning(lab);
    }
    DataDirectory third = lab.image(Lab.N3);
    List<String> detail = new ArrayList<>(List.of("before its start, from the files:"));
    detail.addAll(audit(history, first, third, Optional.empty()));
    try {
      lab.standAlone(Lab.N3);
      lab.cluster().restart(Lab.N3);
      lab.acts().promote(Lab.N3);
    } catch (ClusterException e) {
      return new Exhibit.Try(
          true, state + ", the standby cannot start or be promoted: " + e.getMessage(), detail);
    }
    Set<Marker> present = rows(lab);
    lab.cluster().kill(Lab.N3);
    DataDirectory promoted = lab.image(Lab.N3);
    detail.add("after its promotion:");
    detail.addAll(audit(history, first, promoted, Optional.of(new FinalRead("n3", present))));
    return new Exhibit.Try(
        present.size() < ROWS,
        "%s, the promoted standby has %d of %d acknowledged rows"
            .formatted(state, present.size(), ROWS),
        detail);
  }

  /** Tries to promote the standby while it runs, and ends it; answers what came of that. */
  private static String promoteRunning(Lab lab) {
    String said = ", it was promoted";
    int logBefore = lab.cluster().log(Lab.N3).size();
    try {
      lab.acts().promote(Lab.N3);
    } catch (ClusterException e) {
      List<String> log = lab.cluster().log(Lab.N3);
      said =
          log.subList(logBefore, log.size()).stream()
              .filter(line -> line.contains("PANIC"))
              .findFirst()
              .map(line -> ", its promotion ended with " + line.substring(line.indexOf("PANIC")))
              .orElse(", it could not be promoted: " + e.getMessage());
    }
    lab.cluster().kill(Lab.N3);
    return said;
  }

  private static Set<Marker> rows(Lab lab) throws SQLException {
    Set<Marker> rows = new HashSet<>();
    try (Connection connection = lab.connect(Lab.N3);
        Statement statement = connection.createStatement();
        ResultSet all = statement.executeQuery("SELECT id FROM t")) {
      while (all.next()) {
        rows.addAll(Marker.listOf(Edn.of(all.getLong(1))));
      }
    }
    return rows;
  }

  private static List<String> audit(
      History<UntypedCall> history,
      DataDirectory first,
      DataDirectory third,
      Optional<FinalRead> read) {
    ImageKind kind = read.isPresent() ? ImageKind.RECOVERED : ImageKind.WRITTEN;
    AuditInput.Builder input =
        AuditInput.of(
                List.of(
                    new NodeImage("n1", NodeImage.Role.PRIMARY, ImageKind.WRITTEN, first),
                    new NodeImage("n3", NodeImage.Role.STANDBY, kind, third)))
            .markerColumn(MarkerColumn.FIRST);
    read.ifPresent(rows -> input.finalRead(rows).promoted("n3"));
    AuditReport report =
        new DurabilityAudit<UntypedCall>(input.build()).check(history, CheckContext.UNLIMITED);
    List<String> lines = new ArrayList<>();
    int events = 0;
    for (String line : TextReport.firstScreen(report)) {
      if (!line.strip().startsWith("event") || ++events <= EVENTS_SHOWN) {
        lines.add("  " + line);
      }
    }
    return lines;
  }

  /** One row a transaction, all of them acknowledged. */
  private static History<UntypedCall> insert(Lab lab) throws SQLException {
    List<Event<UntypedCall>> events = new ArrayList<>();
    try (Connection connection = lab.connect(Lab.N1);
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO t VALUES (?, repeat(?, ?))");
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (long id = 1; id <= ROWS; id++) {
        UntypedCall call = new UntypedCall(Edn.keyword("insert"), Edn.of(id));
        events.add(
            new Event.Invoke<>(events.size(), System.nanoTime(), CLIENT, call, Details.NONE));
        insert.setLong(1, id);
        insert.setString(2, Character.toString('a' + (int) (id % 26)));
        insert.setInt(3, ROW_BYTES);
        insert.executeUpdate();
        long xid = xid(statement);
        connection.commit();
        Details details =
            Details.builder()
                .node("n1")
                .timeline(1)
                .xid(xid)
                .marker(Edn.of(id))
                .synchronousCommit("on")
                .standbyNames(RULE)
                .build();
        events.add(new Event.Ok<>(events.size(), System.nanoTime(), CLIENT, call, details));
      }
    }
    return History.of(events);
  }

  private static long xid(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("SELECT txid_current()")) {
      row.next();
      return row.getLong(1);
    }
  }

  /** The bytes of a segment from its start on whose pages bear their own addresses. */
  static long filled(Path segment) {
    try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "r")) {
      long end = 0;
      long first = address(file, 0);
      while (first != 0 && end + PAGE <= file.length() && address(file, end) == first + end) {
        end += PAGE;
      }
      return end;
    } catch (IOException e) {
      return 0; // it is not there yet
    }
  }

  /** A page's own address in the WAL (xlp_pageaddr); 0 if nothing was written. */
  private static long address(RandomAccessFile file, long offset) throws IOException {
    byte[] header = new byte[16];
    file.seek(offset);
    file.readFully(header);
    ByteBuffer bytes = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    return bytes.getShort(0) == 0 ? 0 : bytes.getLong(8);
  }

  private static void require(boolean condition, String problem) {
    if (!condition) {
      throw new IllegalStateException(problem);
    }
  }
}
