package phaistos.runner.inspect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import phaistos.formats.DataDirectory;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.Text;
import phaistos.formats.Xid;
import phaistos.formats.wal.BlockReference;
import phaistos.formats.wal.RecordView;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.SegmentName;
import phaistos.formats.wal.UnpackedSegments;
import phaistos.formats.wal.WalEnd;
import phaistos.formats.wal.WalFiles;
import phaistos.formats.wal.WalLine;
import phaistos.formats.wal.WalReader;
import phaistos.formats.wal.WalRecord;
import phaistos.formats.wal.WalScan;
import phaistos.formats.wal.WalStats;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inspect wal}: records as pg_waldump lists them. */
@Command(
    name = "wal",
    description = {
      "Lists WAL records as the version's own pg_waldump does (in UTC), 13 to 18.",
      "A data directory or folder is read along its newest timeline and that one's ancestors.",
      "Exit: 0 at a normal end of WAL, 1 where something is damaged, 254 for wrong options."
    },
    mixinStandardHelpOptions = true)
final class InspectWal extends Inspection {
  @Parameters(
      arity = "1..2",
      paramLabel = "PATH",
      description = "A data directory, a folder of segments, or a segment file and the last one.")
  private List<Path> paths = List.of();

  @Option(
      names = {"-t", "--timeline"},
      paramLabel = "N",
      description = "Only the files of this timeline.")
  private Optional<Integer> timeline = Optional.empty();

  @Option(
      names = {"-x", "--xid"},
      paramLabel = "XID",
      description = "Only records of this transaction.")
  private Optional<String> xid = Optional.empty();

  @Option(
      names = {"-s", "--start"},
      paramLabel = "LSN",
      description = "Begin at the first record at or behind this position.")
  private Optional<String> start = Optional.empty();

  @Option(
      names = {"-e", "--end"},
      paramLabel = "LSN",
      description = "Only records that end at or before this position.")
  private Optional<String> end = Optional.empty();

  @Option(
      names = {"-z", "--stats"},
      arity = "0..1",
      fallbackValue = "rmgr",
      preprocessor = OnlyAttached.class,
      paramLabel = "record",
      description = "Counts and sizes by resource manager, or by kind of record.")
  private Optional<String> stats = Optional.empty();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many threads read; as many as there are processors if not given.")
  private Optional<Integer> threads = Optional.empty();

  private Lsn first = Lsn.INVALID;
  private Lsn last = Lsn.INVALID;

  /** In {@code --stats PATH} the option has no value and PATH is an argument, as in pg_waldump. */
  static final class OnlyAttached implements CommandLine.IParameterPreprocessor {
    @Override
    public boolean preprocess(
        Stack<String> args, CommandSpec spec, ArgSpec option, Map<String, Object> info) {
      if (!"=".equals(info.get("separator"))) {
        args.push(((OptionSpec) option).fallbackValue());
      }
      return false;
    }
  }

  @Override
  boolean inspect(Output out) throws IOException {
    if (stats.isPresent() && !stats.get().equals("record") && !stats.get().equals("rmgr")) {
      throw wrong("--stats: \"%s\" is neither record nor rmgr".formatted(stats.get()));
    }
    if (stats.isPresent() && json) {
      throw wrong("--stats and --json do not go together");
    }
    if (threads.isPresent() && threads.get() < 1) {
      throw wrong("--threads is not above 0: " + threads.get());
    }
    Optional<Xid> wanted = xid.map(text -> parse("--xid", text, Xid::parse));
    WalFiles files = open();
    Lsn from = start.map(text -> parse("--start", text, Lsn::parse)).orElse(first);
    Lsn to = end.map(text -> parse("--end", text, Lsn::parse)).orElse(last);
    if (to.isValid() && from.compareTo(to) > 0) {
      throw wrong("start %s lies behind end %s".formatted(from, to));
    }
    if (start.isPresent()) {
      checkCovered(files, from);
    }
    WalReader reader = new WalReader(files, from, to);
    tellSkipped(out, files, from, reader);
    boolean well = true;
    boolean cut = false;
    WalStats counted = new WalStats(files.version());
    try (WalScan<Lines> scan =
        new WalScan<>(
            reader,
            stats.isPresent() ? WalScan.LARGE : WalScan.SMALL,
            threads.orElse(Runtime.getRuntime().availableProcessors()),
            () -> new Lines(files, to, wanted))) {
      for (var next = scan.next(); next.isPresent(); next = scan.next()) {
        Lines lines = next.get();
        counted.add(lines.counted);
        out.lines(lines.text);
        lines.problems.forEach(this::say);
        well &= lines.problems.isEmpty();
        cut = lines.isCut;
      }
      reader = scan.reader();
    }
    if (stats.isPresent()) {
      out.text().append(counted.format(stats.get().equals("record")));
    }
    out.flush();
    return well & (cut || tellEnd(out, reader, to));
  }

  /** The output for a piece of the WAL. */
  private final class Lines implements WalScan.Piece {
    private static final int OF_A_USUAL_PIECE = 3 * WalScan.SMALL;

    private final WalFiles files;
    private final Lsn to;
    private final Optional<Xid> wanted;
    private final WalStats counted;
    private final Text text = new Text(stats.isPresent() ? 16 : OF_A_USUAL_PIECE);
    private final List<String> problems = new ArrayList<>();
    private boolean isCut;

    Lines(WalFiles files, Lsn to, Optional<Xid> wanted) {
      this.files = files;
      this.counted = new WalStats(files.version());
      this.to = to;
      this.wanted = wanted;
    }

    @Override
    public boolean record(WalReader reader) {
      isCut =
          to.isValid()
              && reader.endLsn().compareTo(to) > 0
              && unalignedEnd(files, reader).compareTo(to) > 0;
      if (isCut) {
        return false;
      }
      if (wanted.isPresent() && !reader.xid().equals(wanted.get())) {
        return true;
      }
      int before = text.length();
      try {
        take(reader);
      } catch (FormatException e) {
        text.cut(before);
        problems.add("record at %s: %s".formatted(reader.lsn(), e.getMessage()));
      }
      return true;
    }

    private void take(WalReader reader) {
      RecordView record = reader.view();
      if (stats.isPresent()) {
        counted.add(reader.lsn().value(), reader.endLsn().value(), record);
        return;
      }
      if (json) {
        appendJson(text, reader, record);
      } else {
        WalLine.append(text, reader.lsn(), record);
      }
      text.append('\n');
    }
  }

  private void checkCovered(WalFiles files, Lsn from) {
    Lsn begin = files.first().orElseThrow();
    Lsn behind = files.last().orElseThrow();
    if (from.compareTo(begin) < 0 || from.compareTo(behind) >= 0) {
      throw wrong("--start %s: the segments hold %s to %s".formatted(from, begin, behind));
    }
  }

  private <T> T parse(String option, String text, java.util.function.Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw wrong(option + ": " + e.getMessage());
    }
  }

  private WalFiles open() throws IOException {
    Path path = existing(paths.get(0));
    if (Files.isDirectory(path)) {
      if (paths.size() > 1) {
        throw wrong("a second path goes with segment files only");
      }
      return openFolder(new UnpackedSegments(new FolderDataDirectory(path)));
    }
    if (timeline.isPresent()) {
      throw wrong("--timeline goes with a folder; a segment's name has its timeline");
    }
    return openFiles(path);
  }

  private WalFiles openFolder(DataDirectory directory) throws IOException {
    String folder = WalFiles.folderOf(directory);
    List<Integer> timelines = WalFiles.timelines(directory, folder);
    if (timelines.isEmpty()) {
      boolean partial =
          directory.list(folder).stream().anyMatch(name -> name.endsWith(SegmentName.PARTIAL));
      throw new FormatException(
          directory.describe()
              + ": there are no WAL segments"
              + (partial ? "; to read a .partial file, name it" : ""));
    }
    WalFiles files;
    if (timeline.isPresent()) {
      if (!timelines.contains(timeline.get())) {
        throw wrong(
            "timeline %s is not there; there are %s"
                .formatted(Integer.toUnsignedString(timeline.get()), timelines));
      }
      files = WalFiles.ofTimeline(directory, folder, timeline.get());
    } else {
      int newest = timelines.get(timelines.size() - 1);
      files = WalFiles.following(directory, folder, WalFiles.history(directory, folder, newest));
    }
    first = files.first().orElse(Lsn.INVALID);
    return files;
  }

  /** Without the ending of a compressed segment. */
  private static String segmentName(Path path) {
    String name = path.getFileName().toString();
    return UnpackedSegments.bareName(name).orElse(name);
  }

  private WalFiles openFiles(Path path) throws IOException {
    DataDirectory directory = new UnpackedSegments(folderOf(path));
    String name = segmentName(path);
    if (!name.matches("[0-9A-F]{24}(\\.partial)?")) {
      throw wrong(path + " is no WAL segment's name (such as 000000010000000000000001)");
    }
    WalFiles files = WalFiles.ofFile(directory, name);
    first = files.first().orElseThrow();
    last = files.last().orElseThrow();
    if (paths.size() > 1) {
      SegmentName end =
          SegmentName.parse(segmentName(existing(paths.get(1))))
              .orElseThrow(() -> wrong(paths.get(1) + " is no WAL segment's name"));
      int own = SegmentName.parse(name).map(SegmentName::timeline).orElse(end.timeline());
      if (end.timeline() != own) {
        throw wrong("the two segments are of different timelines; name their folder");
      }
      files = WalFiles.ofTimeline(directory, "", own);
      last = end.start(files.layout().segmentSize()).plus(files.layout().segmentSize());
      if (first.compareTo(last) >= 0) {
        throw wrong("segment %s comes after %s".formatted(name, end));
      }
    }
    return files;
  }

  /** pg_waldump's note that the given start is within a record. */
  private void tellSkipped(Output out, WalFiles files, Lsn from, WalReader reader)
      throws IOException {
    Lsn found = reader.position();
    boolean segmentStart = files.layout().segmentOffset(from) == 0;
    if (!json
        && stats.isEmpty()
        && !found.equals(from)
        && !segmentStart
        && reader.end().isEmpty()) {
      out.line(
          "first record is after %s, at %s, skipping over %d bytes"
              .formatted(from, found, found.minus(from)));
    }
  }

  private static Lsn unalignedEnd(WalFiles files, WalReader reader) {
    long position = files.layout().bytePosition(reader.lsn()) + reader.totalLength();
    return files.layout().endLsn(position);
  }

  private static void appendJson(Text out, WalReader reader, RecordView view) {
    WalRecord record = view.toRecord();
    Json line = new Json(out);
    line.put("lsn", reader.lsn().toString()).put("end", reader.endLsn().toString());
    line.put("timeline", reader.timeline() & 0xFFFF_FFFFL);
    line.put("prev", record.previous().toString()).put("xid", record.xid().toLong());
    line.put("rmgr", Rmgr.label(record.rmgrId()))
        .put("info", view.format().infoName(record.rmgrId(), record.info()));
    line.put("length", reader.totalLength());
    if (record.topLevelXid().isValid()) {
      line.put("top_xid", record.topLevelXid().toLong());
    }
    if (record.origin() != 0) {
      line.put("origin", record.origin());
    }
    Text description = new Text();
    WalLine.describe(description, view);
    line.put("desc", description.toString());
    if (!record.blocks().isEmpty()) {
      line.name("blocks");
      char separator = '[';
      for (BlockReference block : record.blocks()) {
        Json item = new Json(out.append(separator));
        separator = ',';
        item.put("id", block.id()).put("rel", block.relation().toString());
        item.put("fork", block.fork()).put("blk", block.block() & 0xFFFF_FFFFL);
        block.image().ifPresent(image -> item.put("image", image.stored().length));
        item.put("init", block.willInit()).put("data", block.data().length);
        item.end();
      }
      out.append(']');
    }
    line.end();
  }

  /** Prints how the WAL ended; returns false if something is damaged. */
  private boolean tellEnd(Output out, WalReader reader, Lsn to) throws IOException {
    WalEnd found = reader.end().orElseThrow();
    boolean normal = found.isNormal() || isBehindEnd(found, to);
    if (json) {
      Json line = new Json(out.text());
      line.put("end_of_wal", found.lsn().toString());
      line.put("kind", found.getClass().getSimpleName()).put("reason", found.reason());
      line.put("file", found.spot().path()).put("offset", found.spot().offset());
      line.put("damaged", !normal);
      line.end();
      out.lineDone();
    }
    if (!(found instanceof WalEnd.Requested)) {
      say("%s: %s".formatted(normal ? "end of WAL" : "WAL is damaged", found.describe()));
    }
    return normal;
  }

  /** A record that continues after the requested files is not damage in them. */
  private static boolean isBehindEnd(WalEnd found, Lsn to) {
    return found instanceof WalEnd.MissingSegment
        && to.isValid()
        && found.lsn().compareTo(to) <= 0
        && ((WalEnd.MissingSegment) found).inRecord();
  }
}
