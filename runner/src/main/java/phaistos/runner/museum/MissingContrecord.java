package phaistos.runner.museum;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import phaistos.cluster.Cluster.Stream;
import phaistos.cluster.ClusterException;

/**
 * A standby stands still for ever because the primary lost the second half of a record. The record
 * goes from one WAL segment to the next; both nodes die, and the new segment, which was never
 * synced, is lost with its name. The primary recovers, and writes other WAL from the record's
 * start; the standby still has the first half, and looks for a second half that no longer exists.
 * Whenever it has not found that, it asks for the segment anew, and reads its old copy before the
 * new one has arrived. Over a link of ten megabits a second this goes on for ever; a fast one wins
 * the race after a while.
 */
final class MissingContrecord {
  private static final long SEGMENT = 16L << 20;
  private static final Stream FROM_PRIMARY = new Stream(Optional.of(Lab.N2), Lab.N1, false);
  private static final long SLOW_KILOBYTES = 1_000;

  /** More than twice what one segment takes over the slow link. */
  private static final Duration CATCH_UP = Duration.ofSeconds(40);

  static final Exhibit EXHIBIT =
      new Exhibit(
          "missing-contrecord",
          "a standby never catches up, because the primary lost the second half of a record that"
              + " crosses two WAL segments",
          "release notes of 12.9, 13.5, 14.1 (XLOG_OVERWRITE_CONTRECORD)",
          List.of("12.8", "13.4", "14.0"),
          List.of("12.9", "13.5", "14.1"),
          20,
          MissingContrecord::run);

  private MissingContrecord() {}

  private static void run(Place place, int tries, long seed, Consumer<Exhibit.Try> each)
      throws SQLException, IOException {
    Map<String, String> settings =
        Map.of(
            "synchronous_standby_names", "",
            "autovacuum", "off",
            "checkpoint_timeout", "1h",
            "max_wal_size", "4GB");
    try (Lab lab = new Lab(place, 2, seed, settings)) {
      lab.execute(Lab.N1, "CREATE TABLE t (i int)");
      for (int n = 0; n < tries; n++) {
        if (n > 0) {
          anew(lab);
        }
        each.accept(attempt(lab));
      }
    }
  }

  /** The standby becomes a fresh copy of the primary. */
  private static void anew(Lab lab) {
    lab.limitBandwidth(FROM_PRIMARY, 0);
    lab.acts().rejoin(Lab.N2, Lab.N1);
  }

  private static Exhibit.Try attempt(Lab lab) throws SQLException, IOException {
    lab.execute(Lab.N1, "CHECKPOINT");
    fillSegment(lab);
    long before = position(lab);
    // in one record, across the boundary
    emit(lab, 100_000);
    if (before / SEGMENT == position(lab) / SEGMENT || !lab.awaitReplay(Lab.N2, Lab.N1, CATCH_UP)) {
      throw new IllegalStateException("the record does not cross a segment on both nodes");
    }
    lab.cluster().killAll();
    String lost = "%08X%08X%08X".formatted(1, 0, before / SEGMENT + 1);
    for (var node : List.of(Lab.N1, Lab.N2)) {
      Files.delete(lab.files(node).resolve("pg_wal").resolve(lost));
    }
    lab.cluster().restart(Lab.N1);
    for (int n = 0; n < 20; n++) {
      emit(lab, 8_000);
    }
    lab.execute(Lab.N1, "INSERT INTO t VALUES (1)");
    lab.limitBandwidth(FROM_PRIMARY, SLOW_KILOBYTES);
    int logBefore = lab.cluster().log(Lab.N2).size();
    String startFailure = "";
    try {
      lab.cluster().restart(Lab.N2);
    } catch (ClusterException e) {
      startFailure = e.getMessage();
    }
    boolean isCaughtUp = startFailure.isEmpty() && lab.awaitReplay(Lab.N2, Lab.N1, CATCH_UP);
    List<String> log = lab.cluster().log(Lab.N2);
    Optional<String> complaint =
        log.subList(logBefore, log.size()).stream()
            .filter(line -> line.contains("contrecord") || line.contains("invalid"))
            .findFirst();
    return new Exhibit.Try(
        !isCaughtUp,
        isCaughtUp
            ? "the standby caught up"
            : "the standby does not catch up within " + CATCH_UP.toSeconds() + " s",
        complaint.stream().toList());
  }

  private static void fillSegment(Lab lab) throws SQLException {
    long room = SEGMENT - position(lab) % SEGMENT;
    while (room > 1 << 20) {
      emit(lab, 500_000);
      room = SEGMENT - position(lab) % SEGMENT;
    }
    while (room > 20_000) {
      emit(lab, 8_000);
      room = SEGMENT - position(lab) % SEGMENT;
    }
  }

  private static long position(Lab lab) {
    return Long.parseLong(
        lab.ask(Lab.N1, "SELECT pg_current_wal_insert_lsn() - '0/0'").orElseThrow());
  }

  /** A record of about this many bytes, flushed by the commit that follows. */
  private static void emit(Lab lab, int bytes) throws SQLException {
    lab.execute(
        Lab.N1, "SELECT pg_logical_emit_message(true, 'museum', repeat('x', " + bytes + "))");
  }
}
