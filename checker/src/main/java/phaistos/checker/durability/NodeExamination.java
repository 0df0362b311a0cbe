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
import phaistos.formats.Xid;
import phaistos.formats.redo.TimelineHole;
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

  private static final String POSTMASTER_PID = "postmaster.pid";

  /** How many xids after the last one are checked in the commit log. */
  private static final int LOOK_AHEAD = 1_000;

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
   * @throws IOException if a required file is missing or cannot be read
   */
  static NodeEvidence examine(
      NodeImage image, NodeScan scan, CommitLogCopy log, AuditInput input, CheckContext context)
      throws IOException {
    return new NodeExamination(image, scan, input, context).run(log);
  }

  private NodeEvidence run(CommitLogCopy log) throws IOException {
    DataDirectory files = image.files();
    ControlFile control = ControlFile.read(files);
    TimelineHistory line = TimelineHole.line(files, control);
    if (image.kind() == ImageKind.WRITTEN) {
      log.expectPagesBefore(control.checkpoint().nextXid().xid());
    }
    log.frozenBefore(control.checkpoint().oldestXid());
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
    Optional<TimelineHole> hole = TimelineHole.of(files, line, wal, redo, end.lsn());
    Optional<NodeScan> unchosen = hole.isPresent() ? unchosen(hole.get(), start) : Optional.empty();
    String whyTorn = whyTorn(control, end, redo, log);
    noteRecoverability(control, wal, end);
    noteTimelines(hole);
    notes.addAll(log.notes());
    boolean isPromoted =
        hole.isEmpty() && (end.lsn().compareTo(begin(line)) > 0 || isInProduction(control));
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
            List.copyOf(notes),
            new Situation(line, scan.lineStarts(), hole, isPromoted, whyTorn));
    boolean isCut = end.lsn().compareTo(redo) < 0;
    boolean isRedoComplete = start.compareTo(redo) <= 0 && !isCut;
    return new NodeEvidence(
        image,
        report,
        Optional.of(
            new NodeEvidence.Files(
                control, line, scan, log, wal, isRedoComplete, isCut, unchosen)));
  }

  private static Lsn begin(TimelineHistory line) {
    return line.ancestors().isEmpty() ? Lsn.INVALID : line.ancestors().getLast().end();
  }

  private static boolean isInProduction(ControlFile control) {
    return switch (control.state()) {
      case IN_PRODUCTION, SHUT_DOWN, SHUTTING_DOWN -> true;
      case STARTUP, SHUT_DOWN_IN_RECOVERY, IN_CRASH_RECOVERY, IN_ARCHIVE_RECOVERY -> false;
    };
  }

  /** The WAL of the older timeline, up to the fork. */
  private Optional<NodeScan> unchosen(TimelineHole hole, Lsn start) throws IOException {
    TimelineHistory older = TimelineHole.parent(hole.line());
    WalFiles wal = WalFiles.following(image.files(), WalFiles.DIRECTORY, older);
    NodeScan other = scan.another(new CommitLogCopy(image.files()));
    readInto(other, new WalReader(wal, start, hole.fork()), start, older);
    return Optional.of(other);
  }

  /**
   * Why the files are not of one moment, so that missing data may have existed. Only a running or
   * killed server leaves postmaster.pid.
   */
  private String whyTorn(ControlFile control, WalEnd end, Lsn redo, CommitLogCopy log)
      throws IOException {
    if (!image.files().list("").contains(POSTMASTER_PID)) {
      return "";
    }
    notes.add(
        "postmaster.pid is there: the server ran when it was copied, or was killed; a copy of a"
            + " running server is no image of one moment");
    if (image.kind() != ImageKind.WRITTEN) {
      return "";
    }
    if (end.lsn().compareTo(redo) < 0) {
      return "its WAL ends at %s, before the redo point %s of its control file"
          .formatted(end.lsn(), redo);
    }
    if (end.lsn().compareTo(control.checkPoint()) <= 0) {
      return "its control file names a checkpoint at %s, its WAL ends at %s"
          .formatted(control.checkPoint(), end.lsn());
    }
    if (end.goesOnAt().isValid()) {
      return "its WAL ends at %s, and goes on at %s".formatted(end.lsn(), end.goesOnAt());
    }
    int highest = scan.highestXid();
    if (highest != 0) {
      Xid next = control.checkpoint().nextXid().xid();
      Xid last = new Xid(Xid.precedes(highest, next.value()) ? next.value() : highest);
      for (int ahead = 1; ahead <= LOOK_AHEAD; ahead++) {
        Xid xid = new Xid(last.value() + ahead);
        if (log.onDisk(xid) == LogStatus.COMMITTED) {
          return "its commit log says that transaction %s committed, its WAL ends before that"
              .formatted(xid);
        }
      }
    }
    return "";
  }

  private void noteTimelines(Optional<TimelineHole> hole) {
    hole.ifPresent(h -> notes.add(h.words() + ": " + h.advice()));
  }

  /** Reads to the end of valid WAL; redo begins with the first record at or after {@code redo}. */
  private WalEnd read(WalFiles wal, Lsn from, Lsn redo, TimelineHistory line) throws IOException {
    WalReader reader = new WalReader(wal, from, Lsn.INVALID);
    Lsn begin = reader.position();
    WalEnd end = readInto(scan, reader, redo, line);
    walBytes += end.lsn().minus(begin);
    return end;
  }

  private WalEnd readInto(NodeScan into, WalReader from, Lsn redo, TimelineHistory line)
      throws IOException {
    WalReader reader = from;
    into.begin(reader.position(), redo, line);
    try (WalScan<PieceScan> pieces =
        new WalScan<>(
            reader, input.pieceBytes(), input.threads(), () -> new PieceScan(into.questions()))) {
      for (var next = pieces.next(); next.isPresent(); next = pieces.next()) {
        into.take(next.get());
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
    return reader.end().orElseThrow();
  }

  private static long number(WalFiles wal, Lsn lsn) {
    return wal.layout().segmentNumber(lsn);
  }

  /** The start of the contiguous WAL that contains the redo point. */
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

  /** Recovery of a base backup begins at the position of its label, not of the control file. */
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
    long later =
        scan.checkpoints().stream().filter(at -> at.compareTo(control.checkPoint()) > 0).count();
    if (later > 1) {
      notes.add(
          "pg_control names the checkpoint at %s; the WAL has %d later ones, up to %s: it is older"
                  .formatted(control.checkPoint(), later, scan.checkpoints().getLast())
              + " than the WAL");
    }
    if (end.lsn().compareTo(scan.redo()) < 0) {
      notes.add(
          "its WAL ends at %s, before the redo point %s: PostgreSQL would refuse to start"
              .formatted(end.lsn(), scan.redo()));
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
