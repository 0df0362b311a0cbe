package phaistos.checker.durability;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import phaistos.checker.CheckContext;
import phaistos.formats.ControlFile;
import phaistos.formats.DataDirectory;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.wal.SegmentName;
import phaistos.formats.wal.WalEnd;
import phaistos.formats.wal.WalFiles;
import phaistos.formats.wal.WalLayout;
import phaistos.formats.wal.WalReader;
import phaistos.formats.wal.WalScan;

/**
 * Reads one node's files as its recovery would: control file or backup label, the line of
 * timelines, the WAL from the oldest segment that leads to the redo point, then on to the end of
 * valid WAL.
 */
final class NodeExamination {
  private static final Pattern LABEL_START =
      Pattern.compile("START WAL LOCATION: ([0-9A-F]+/[0-9A-F]+) ");

  private final NodeImage image;
  private final NodeScan scan;
  private final AuditInput input;
  private final CheckContext context;
  private final List<String> notes = new ArrayList<>();
  private long walBytes;

  private NodeExamination(NodeImage image, NodeScan scan, AuditInput input, CheckContext context) {
    this.image = image;
    this.scan = scan;
    this.input = input;
    this.context = context;
  }

  /**
   * @throws FormatException if a file is damaged or another version's
   * @throws IOException if a file that must be there is missing or cannot be read
   */
  static NodeEvidence examine(
      NodeImage image, NodeScan scan, CommitLogCopy log, AuditInput input, CheckContext context)
      throws IOException {
    return new NodeExamination(image, scan, input, context).run(log);
  }

  private NodeEvidence run(CommitLogCopy log) throws IOException {
    DataDirectory files = image.files();
    ControlFile control = ControlFile.read(files);
    TimelineHistory line = line(files, control);
    WalFiles wal = WalFiles.following(files, WalFiles.DIRECTORY, line);
    Lsn redo = redoPoint(files, control);
    Lsn start = start(wal, redo);
    WalEnd end = read(wal, start, redo, line);
    Lsn walStart = start;
    while (end.lsn().compareTo(redo) < 0 && wal.file(number(wal, redo)).isPresent()) {
      notes.add("the WAL before the redo point %s breaks off: %s".formatted(redo, end.describe()));
      walStart = redo;
      end = read(wal, redo, redo, line);
      if (end.lsn().compareTo(redo) <= 0) {
        break;
      }
    }
    noteRecoverability(control, wal, end);
    notes.addAll(log.notes());
    NodeReport report =
        new NodeReport(
            image.name(),
            image.role(),
            image.kind(),
            files.describe(),
            "",
            line.timeline(),
            describe(line),
            walStart,
            end.lsn(),
            end.reason(),
            redo,
            scan.records(),
            walBytes,
            List.copyOf(notes));
    return new NodeEvidence(
        image,
        report,
        Optional.of(
            new NodeEvidence.Files(control, line, scan, log, wal, start.compareTo(redo) <= 0)));
  }

  /** Reads to the end of valid WAL; redo begins with the first record at or behind {@code redo}. */
  private WalEnd read(WalFiles wal, Lsn from, Lsn redo, TimelineHistory line) throws IOException {
    WalReader reader = new WalReader(wal, from, Lsn.INVALID);
    Lsn begin = reader.position();
    scan.begin(begin, redo, line);
    try (WalScan<PieceScan> pieces =
        new WalScan<>(
            reader, input.pieceBytes(), input.threads(), () -> new PieceScan(scan.questions()))) {
      for (var next = pieces.next(); next.isPresent(); next = pieces.next()) {
        scan.take(next.get());
        reader = pieces.reader();
        if (next.get().broken().isPresent()) {
          return new WalEnd.BadRecord(reader.lsn(), reader.spot(), next.get().broken().get());
        }
        if (context.isCancelled()) {
          return new WalEnd.Requested(reader.endLsn(), reader.spot());
        }
      }
      reader = pieces.reader();
    }
    walBytes += reader.position().minus(begin);
    return reader.end().orElseThrow();
  }

  private static long number(WalFiles wal, Lsn lsn) {
    return wal.layout().segmentNumber(lsn);
  }

  /** Where the WAL begins that leads to the redo point without a missing segment. */
  private Lsn start(WalFiles wal, Lsn redo) {
    WalLayout layout = wal.layout();
    long number = layout.segmentNumber(redo);
    if (wal.file(number).isEmpty()) {
      Lsn first =
          wal.first()
              .filter(lsn -> lsn.compareTo(redo) > 0)
              .orElseThrow(
                  () ->
                      new FormatException(
                          "the WAL segment of the redo point %s is not there".formatted(redo)));
      notes.add(
          "the WAL from the redo point %s on is not there; redo begins at %s, the first that is"
              .formatted(redo, first));
      return first;
    }
    while (number > 0 && wal.file(number - 1).isPresent()) {
      number--;
    }
    return new Lsn(number * layout.segmentSize());
  }

  /** The line that recovery would follow: the newest timeline that has segments here. */
  private static TimelineHistory line(DataDirectory files, ControlFile control) throws IOException {
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

  /** A base backup's recovery begins where its label says, not where the control file says. */
  private Lsn redoPoint(DataDirectory files, ControlFile control) throws IOException {
    try {
      String label = new String(files.read("backup_label", 0, 1 << 16), StandardCharsets.UTF_8);
      Matcher start = LABEL_START.matcher(label);
      if (start.find()) {
        notes.add("a backup label is there: redo begins at " + start.group(1));
        return Lsn.parse(start.group(1));
      }
      throw new FormatException(files.describe() + "/backup_label: has no line START WAL LOCATION");
    } catch (NoSuchFileException e) {
      return control.checkpoint().redo();
    }
  }

  private void noteRecoverability(ControlFile control, WalFiles wal, WalEnd end) {
    if (!end.isNormal()) {
      notes.add("valid WAL ends in damage: " + end.describe());
    }
    boolean checkpointThere = wal.file(number(wal, control.checkPoint())).isPresent();
    if (checkpointThere && control.checkPoint().compareTo(end.lsn()) >= 0) {
      notes.add(
          "the checkpoint record at %s is not in the valid WAL: PostgreSQL would refuse to start"
              .formatted(control.checkPoint()));
    }
    Lsn minimum = control.recovery().minimum();
    if (minimum.isValid() && minimum.compareTo(end.lsn()) > 0) {
      notes.add(
          "its files need WAL up to %s to be consistent; the valid WAL ends at %s"
              .formatted(minimum, end.lsn()));
    }
  }

  private static String describe(TimelineHistory line) {
    StringBuilder out = new StringBuilder();
    for (TimelineHistory.Entry entry : line.ancestors()) {
      out.append(Integer.toUnsignedString(entry.timeline()))
          .append(" until ")
          .append(entry.end())
          .append(", ");
    }
    return out.append(Integer.toUnsignedString(line.timeline())).toString();
  }
}
