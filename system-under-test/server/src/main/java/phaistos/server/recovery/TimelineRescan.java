package phaistos.server.recovery;

import java.io.IOException;
import java.util.Optional;
import phaistos.formats.TimelineHistory;
import phaistos.server.errors.Log;
import phaistos.server.wal.WalFiles;

/** A standby looks for a timeline that another node's promotion has begun. */
final class TimelineRescan {
  private TimelineRescan() {}

  /** Switches to the newest timeline whose history contains our position (rescanLatestTimeLine). */
  static void run(WalFiles files, RecordReader reader, Log log) throws IOException {
    int current = reader.history().timeline();
    int newest = files.newestTimeline(current);
    if (newest == current) {
      return;
    }
    TimelineHistory history = files.requireHistory(newest);
    Optional<TimelineHistory.Entry> fork =
        history.ancestors().stream().filter(entry -> entry.timeline() == current).findFirst();
    if (fork.isEmpty()) {
      log.log(
          "new timeline %d is not a child of database system timeline %d"
              .formatted(newest, current));
    } else if (fork.get().end().compareTo(reader.position()) < 0) {
      log.log(
          ("new timeline %d forked off current database system timeline %d before current"
                  + " recovery point %s")
              .formatted(newest, current, reader.position()));
    } else {
      reader.follow(history);
      log.log("new target timeline is " + newest);
    }
  }
}
