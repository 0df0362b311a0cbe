package phaistos.runner.inspect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import phaistos.formats.CommitLog;
import phaistos.formats.CommitLogFiles;
import phaistos.formats.ControlFile;
import phaistos.formats.DataDirectory;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.FormatException;
import phaistos.formats.FullXid;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.formats.redo.CommitLogRedo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inspect xact}: the status of each transaction in the commit log. */
@Command(
    name = "xact",
    description = {
      "Prints a line of xid, tab, status for each transaction in the commit log.",
      "Without --after-redo the bits as they are: committed, aborted, in progress, sub-committed;",
      "\"no file\" or \"no page\" where the log does not reach.",
      "Exit: 0, or 1 where a segment or the WAL is damaged."
    },
    mixinStandardHelpOptions = true)
final class InspectXact extends Inspection {
  @Parameters(
      paramLabel = "PATH",
      description = "A data directory, a pg_xact folder, or a segment file.")
  private Path path = Path.of("");

  @Option(
      names = {"-x", "--xid"},
      paramLabel = "A..B",
      description = "These transactions only (or one). Without: all that the server knows of.")
  private Optional<String> xids = Optional.empty();

  @Option(
      names = "--after-redo",
      description = {
        "Replay the WAL of the data directory over a copy first;",
        "what then has no outcome and does not run is aborted."
      })
  private boolean afterRedo;

  @Override
  boolean inspect(Output out) throws IOException {
    Optional<XidRange> range = xids.map(this::parse);
    existing(path);
    boolean dataDirectory =
        Files.isDirectory(path) && Files.exists(path.resolve(CommitLog.DIRECTORY));
    if (dataDirectory) {
      return inspectDirectory(out, new FolderDataDirectory(path), range);
    }
    if (afterRedo) {
      throw wrong("--after-redo needs a whole data directory, and %s is none".formatted(path));
    }
    if (Files.isDirectory(path)) {
      DataDirectory folder = new FolderDataDirectory(path);
      return inspectFolder(out, new CommitLogFiles(folder, ""), range, -1);
    }
    int segment =
        CommitLog.parseSegmentName(path.getFileName().toString())
            .orElseThrow(() -> wrong(path + " is no commit log segment's name (such as 0000)"));
    return inspectFolder(out, new CommitLogFiles(folderOf(path), ""), range, segment);
  }

  private XidRange parse(String text) {
    try {
      return XidRange.parse(text);
    } catch (IllegalArgumentException e) {
      throw wrong("--xid: " + e.getMessage());
    }
  }

  private boolean inspectDirectory(Output out, DataDirectory directory, Optional<XidRange> range)
      throws IOException {
    CommitLogFiles log = new CommitLogFiles(directory);
    boolean well = checkLengths(log);
    ControlFile control = ControlFile.read(directory);
    Optional<CommitLogRedo.Result> redo = redo(directory);
    FullXid next = redo.map(CommitLogRedo.Result::nextXid).orElse(control.checkpoint().nextXid());
    FullXid xid =
        range
            .map(r -> r.firstNear(next))
            .orElseGet(() -> next.near(control.checkpoint().oldestXid()));
    long count = range.map(XidRange::length).orElse(Math.max(0, next.value() - xid.value()));
    long unknown = 0;
    for (long i = 0; i < count; i++) {
      FullXid full = new FullXid(xid.value() + i);
      if (!full.xid().isNormal()) {
        continue;
      }
      if (afterRedo) {
        CommitLogRedo.Answer answer = redo.orElseThrow().answer(full);
        unknown += answer == CommitLogRedo.Answer.UNKNOWN ? 1 : 0;
        print(out, full.xid(), answer.label());
      } else {
        print(out, full.xid(), bits(log, full.xid()));
      }
    }
    out.flush();
    if (unknown > 0) {
      boolean gap = redo.orElseThrow().gap().isPresent();
      say(
          "%d transactions are unknown: %s"
              .formatted(unknown, gap ? "WAL is missing" : "pages of the commit log are missing"));
      well = false;
    }
    return well & (!afterRedo || redo.map(this::isWell).orElse(false));
  }

  /** Needed for the statuses, or only to know the next transaction id. */
  private Optional<CommitLogRedo.Result> redo(DataDirectory directory) throws IOException {
    try {
      return Optional.of(CommitLogRedo.run(directory));
    } catch (FormatException e) {
      if (afterRedo) {
        throw e;
      }
      say(e.getMessage() + "; the last xid is taken from the control file");
      return Optional.empty();
    }
  }

  private boolean isWell(CommitLogRedo.Result redo) {
    redo.gap()
        .ifPresent(
            gap ->
                say(
                    "WAL from %s to %s is missing; what may have ended only there is unknown"
                        .formatted(gap.from(), gap.to())));
    Lsn end = redo.end().lsn();
    if (!redo.end().isNormal()) {
      say("replayed to %s; WAL is damaged: %s".formatted(end, redo.end().describe()));
    }
    return redo.end().isNormal();
  }

  /** All pages of a folder, of one segment (a number not below 0), or of a range. */
  private boolean inspectFolder(
      Output out, CommitLogFiles log, Optional<XidRange> range, int onlySegment)
      throws IOException {
    boolean well = checkLengths(log);
    if (range.isPresent()) {
      Xid xid = range.get().firstNear(FullXid.FIRST_NORMAL).xid();
      for (long i = 0; i < range.get().length(); i++) {
        Xid current = new Xid((int) (xid.value() + i));
        print(out, current, bits(log, current));
      }
      return well;
    }
    Map<Integer, Long> segments = log.segments();
    if (segments.isEmpty()) {
      throw new FormatException(path + ": there are no commit log segments");
    }
    for (Map.Entry<Integer, Long> segment : segments.entrySet()) {
      if (onlySegment >= 0 && segment.getKey() != onlySegment) {
        continue;
      }
      long pages = Math.min(CommitLog.PAGES_PER_SEGMENT, segment.getValue() / CommitLog.PAGE_BYTES);
      for (int i = 0; i < pages; i++) {
        printPage(out, log, segment.getKey() * CommitLog.PAGES_PER_SEGMENT + i);
      }
    }
    return well;
  }

  private void printPage(Output out, CommitLogFiles log, int page) throws IOException {
    Xid first = CommitLog.firstXid(page);
    for (int i = 0; i < CommitLog.XIDS_PER_PAGE; i++) {
      Xid xid = new Xid(first.value() + i);
      if (xid.isNormal()) {
        print(out, xid, bits(log, xid));
      }
    }
  }

  private boolean checkLengths(CommitLogFiles log) throws IOException {
    boolean well = true;
    for (Map.Entry<Integer, Long> segment : log.segments().entrySet()) {
      long bytes = segment.getValue();
      if (bytes % CommitLog.PAGE_BYTES != 0 || bytes > CommitLog.SEGMENT_BYTES) {
        say(
            "commit log segment %s is damaged: it has %d bytes"
                .formatted(CommitLog.segmentName(segment.getKey()), bytes));
        well = false;
      }
    }
    return well;
  }

  private static String bits(CommitLogFiles log, Xid xid) throws IOException {
    return switch (log.page(CommitLog.page(xid))) {
      case CommitLogFiles.Found.Page(byte[] bytes) -> CommitLog.get(bytes, xid).label();
      case CommitLogFiles.Found.NoFile _ -> "no file";
      case CommitLogFiles.Found.NoPage _ -> "no page";
    };
  }

  private void print(Output out, Xid xid, String status) throws IOException {
    if (json) {
      Json line = new Json(out.text());
      line.put("xid", xid.toLong()).put("status", status);
      line.end();
    } else {
      out.text().append(xid.toLong()).append('\t').append(status);
    }
    out.lineDone();
  }
}
