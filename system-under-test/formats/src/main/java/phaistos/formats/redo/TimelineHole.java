package phaistos.formats.redo;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import phaistos.formats.ControlFile;
import phaistos.formats.DataDirectory;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.wal.SegmentName;
import phaistos.formats.wal.WalEnd;
import phaistos.formats.wal.WalFiles;
import phaistos.formats.wal.WalReader;

/**
 * WAL that is on disk and that recovery does not choose. A standby that follows a promotion
 * receives the new timeline's first segment from its start into a new file. Until that file reaches
 * the fork, the segment exists twice: complete on the old timeline, partly on the new one. Recovery
 * opens the newest timeline's file (XLogFileReadAnyTLI, xlogrecovery.c) and never returns to the
 * old one. A node promoted at that moment has lost the WAL between.
 *
 * @param line the timelines that recovery follows
 * @param fork where the newest of them begins
 * @param chosen file that recovery reads, below the data directory
 * @param chosenEnd where its WAL ends, before the fork
 * @param other file of the older timeline
 * @param otherEnd the end of that file's WAL, at most the fork
 */
public record TimelineHole(
    TimelineHistory line, Lsn fork, String chosen, Lsn chosenEnd, String other, Lsn otherEnd) {

  /** What to do, in one sentence. */
  public String advice() {
    return "do not promote this node; on a copy of it, move %s aside and start from that"
        .formatted(chosen);
  }

  /** What there is: both files with their positions. */
  public String words() {
    return "recovery reads %s, which ends at %s, before timeline %d begins at %s; %s goes on to %s"
        .formatted(chosen, chosenEnd, line.timeline(), fork, other, otherEnd);
  }

  /** The line that recovery follows: the newest timeline that has segments. */
  public static TimelineHistory line(DataDirectory files, ControlFile control) throws IOException {
    int base = control.checkpoint().timeline();
    if (Integer.compareUnsigned(control.recovery().minimumTimeline(), base) > 0) {
      base = control.recovery().minimumTimeline();
    }
    List<Integer> withSegments =
        files.list(WalFiles.DIRECTORY).stream()
            .flatMap(name -> SegmentName.parse(name).stream())
            .map(SegmentName::timeline)
            .distinct()
            .sorted((a, b) -> Integer.compareUnsigned(b, a))
            .toList();
    for (int timeline : withSegments) {
      if (Integer.compareUnsigned(timeline, base) <= 0) {
        break;
      }
      TimelineHistory history = WalFiles.history(files, WalFiles.DIRECTORY, timeline);
      int ours = base;
      if (history.ancestors().stream().anyMatch(entry -> entry.timeline() == ours)) {
        return history;
      }
    }
    return WalFiles.history(files, WalFiles.DIRECTORY, base);
  }

  /** The history without its newest timeline: the line that recovery followed before. */
  public static TimelineHistory parent(TimelineHistory line) {
    List<TimelineHistory.Entry> ancestors = line.ancestors();
    return new TimelineHistory(
        ancestors.getLast().timeline(), ancestors.subList(0, ancestors.size() - 1));
  }

  /** The hole of a data directory, if there is one. */
  public static Optional<TimelineHole> of(DataDirectory files) throws IOException {
    ControlFile control = ControlFile.read(files);
    TimelineHistory line = line(files, control);
    if (line.ancestors().isEmpty()) {
      return Optional.empty();
    }
    WalFiles wal = WalFiles.following(files, WalFiles.DIRECTORY, line);
    Optional<Lsn> start = wal.firstFrom(control.checkpoint().redo());
    return start.isEmpty()
        ? Optional.empty()
        : of(files, line, wal, start.get(), end(wal, start.get(), Lsn.INVALID));
  }

  /**
   * The same if the WAL of the line was read already.
   *
   * @param end where the WAL that recovery chooses ends, read from {@code start} on
   */
  public static Optional<TimelineHole> of(
      DataDirectory files, TimelineHistory line, WalFiles wal, Lsn start, Lsn end)
      throws IOException {
    if (line.ancestors().isEmpty()) {
      return Optional.empty();
    }
    Lsn fork = line.ancestors().getLast().end();
    if (end.compareTo(fork) >= 0) {
      return Optional.empty();
    }
    Optional<WalFiles.File> chosen = wal.file(wal.layout().segmentNumber(end));
    try {
      WalFiles older = WalFiles.following(files, WalFiles.DIRECTORY, parent(line));
      Optional<WalFiles.File> other = older.file(older.layout().segmentNumber(end));
      if (chosen.isEmpty() || other.isEmpty() || chosen.get().path().equals(other.get().path())) {
        return Optional.empty();
      }
      Lsn otherEnd = end(older, start, fork);
      return otherEnd.compareTo(end) <= 0
          ? Optional.empty()
          : Optional.of(
              new TimelineHole(line, fork, chosen.get().path(), end, other.get().path(), otherEnd));
    } catch (FormatException e) {
      return Optional.empty();
    }
  }

  private static Lsn end(WalFiles wal, Lsn start, Lsn limit) throws IOException {
    WalReader reader = new WalReader(wal, start, limit);
    while (reader.next()) {
      // to the end
    }
    return reader.end().map(WalEnd::lsn).orElseGet(reader::position);
  }

  /** The entries whose fork is before that of the previous entry: such a line has lost WAL. */
  public static List<TimelineHistory.Entry> backward(TimelineHistory line) {
    List<TimelineHistory.Entry> entries = line.ancestors();
    return java.util.stream.IntStream.range(1, entries.size())
        .filter(i -> entries.get(i).end().compareTo(entries.get(i - 1).end()) < 0)
        .mapToObj(entries::get)
        .toList();
  }
}
