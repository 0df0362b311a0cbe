package phaistos.formats.wal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import phaistos.formats.ByteReader;
import phaistos.formats.ControlFile;
import phaistos.formats.DataDirectory;
import phaistos.formats.FormatException;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.Version;

/**
 * The segment files of a directory, and which of them holds a position. They are those of one
 * timeline, or of a timeline and its ancestors as recovery reads them: each segment from the newest
 * timeline that has it. So the segment in which a timeline begins is the new timeline's copy.
 */
public final class WalFiles {
  public static final String DIRECTORY = "pg_wal";

  private final DataDirectory directory;
  private final String folder;
  private final Version version;
  private final WalLayout layout;
  private final TimelineHistory history;
  private final Map<Integer, TreeMap<Long, String>> paths;

  private WalFiles(
      DataDirectory directory,
      String folder,
      Origin origin,
      TimelineHistory history,
      Map<Integer, TreeMap<Long, String>> paths) {
    this.directory = directory;
    this.folder = folder;
    this.version = origin.version;
    this.layout = new WalLayout(origin.segmentSize);
    this.history = history;
    this.paths = paths;
  }

  /**
   * A segment file.
   *
   * @param path below the data directory
   * @param timeline by its name
   * @param start its first LSN
   * @param limit the LSN at which the followed history leaves the timeline; 0 if it does not
   */
  public record File(String path, int timeline, Lsn start, Lsn limit) {}

  /** Which server wrote the segments, and how large they are. */
  private record Origin(Version version, int segmentSize) {}

  /** The folder of segments in a data directory: {@code pg_wal} if it exists, else the root. */
  public static String folderOf(DataDirectory directory) throws IOException {
    try {
      directory.list(DIRECTORY);
      return DIRECTORY;
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /** The timelines that have segments or a history file, ascending. */
  public static List<Integer> timelines(DataDirectory directory, String folder) throws IOException {
    List<Integer> found = new ArrayList<>();
    for (String name : directory.list(folder)) {
      Optional<Integer> timeline =
          SegmentName.parse(name).map(SegmentName::timeline).or(() -> historyTimeline(name));
      timeline.filter(t -> !found.contains(t)).ifPresent(found::add);
    }
    found.sort(Integer::compareUnsigned);
    return found;
  }

  private static Optional<Integer> historyTimeline(String name) {
    return name.length() == 16 && name.endsWith(".history") && SegmentName.isUpperHex(name, 8)
        ? Optional.of(Integer.parseUnsignedInt(name, 0, 8, 16))
        : Optional.empty();
  }

  /**
   * The history of a timeline from its file; timeline 1, or one without a file, has no ancestors.
   */
  public static TimelineHistory history(DataDirectory directory, String folder, int timeline)
      throws IOException {
    String path = join(folder, TimelineHistory.fileName(timeline));
    try {
      byte[] text = directory.read(path, 0, 1 << 20);
      return TimelineHistory.parse(timeline, new String(text, StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      return TimelineHistory.root(timeline);
    } catch (FormatException e) {
      throw new FormatException(directory.describe() + "/" + folder + ": " + e.getMessage());
    }
  }

  /** The files of one timeline only. */
  public static WalFiles ofTimeline(DataDirectory directory, String folder, int timeline)
      throws IOException {
    return following(directory, folder, TimelineHistory.root(timeline));
  }

  /** The files of a timeline and its ancestors. */
  public static WalFiles following(DataDirectory directory, String folder, TimelineHistory history)
      throws IOException {
    List<SegmentName> names =
        directory.list(folder).stream()
            .flatMap(name -> SegmentName.parse(name).stream())
            .filter(name -> covers(history, name.timeline()))
            .toList();
    Origin origin = origin(directory, folder, names);
    WalLayout layout = new WalLayout(origin.segmentSize);
    Map<Integer, TreeMap<Long, String>> paths = new java.util.HashMap<>();
    for (SegmentName name : names) {
      Lsn start = name.start(layout.segmentSize());
      if (name.equals(layout.segmentName(name.timeline(), start))) {
        paths
            .computeIfAbsent(name.timeline(), _ -> new TreeMap<>(Long::compareUnsigned))
            .put(layout.segmentNumber(start), join(folder, name.toString()));
      }
    }
    return new WalFiles(directory, folder, origin, history, paths);
  }

  /** A single file, also with an ending such as {@code .partial}. */
  public static WalFiles ofFile(DataDirectory directory, String path) throws IOException {
    String name = path.substring(path.lastIndexOf('/') + 1);
    String bare =
        name.endsWith(SegmentName.PARTIAL)
            ? name.substring(0, name.length() - SegmentName.PARTIAL.length())
            : name;
    SegmentName segment =
        SegmentName.parse(bare)
            .orElseThrow(() -> new FormatException(name + " is no WAL segment's name"));
    Origin origin = originByHeader(directory, path);
    WalLayout layout = new WalLayout(origin.segmentSize);
    TreeMap<Long, String> paths = new TreeMap<>();
    paths.put(layout.segmentNumber(segment.start(layout.segmentSize())), path);
    return new WalFiles(
        directory,
        "",
        origin,
        TimelineHistory.root(segment.timeline()),
        Map.of(segment.timeline(), paths));
  }

  private static boolean covers(TimelineHistory history, int timeline) {
    return timeline == history.timeline()
        || history.ancestors().stream().anyMatch(entry -> entry.timeline() == timeline);
  }

  private static Origin origin(DataDirectory directory, String folder, List<SegmentName> names)
      throws IOException {
    if (folder.equals(DIRECTORY)) {
      try {
        ControlFile control = ControlFile.read(directory);
        return new Origin(control.version(), control.format().walSegmentSize());
      } catch (NoSuchFileException e) {
        // a folder with segments only
      }
    }
    FormatException first = null;
    List<SegmentName> ordered =
        names.stream().sorted(Comparator.comparing(SegmentName::toString)).limit(16).toList();
    for (SegmentName name : ordered) {
      try {
        return originByHeader(directory, join(folder, name.toString()));
      } catch (FormatException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
    throw new FormatException(
        "%s: no WAL segment of the timeline is there".formatted(describe(directory, folder)));
  }

  private static Origin originByHeader(DataDirectory directory, String path) throws IOException {
    byte[] page = directory.read(path, 0, PageHeader.LONG_BYTES);
    String where = describe(directory, path);
    if (page.length < PageHeader.LONG_BYTES) {
      throw new FormatException("%s: has only %d bytes".formatted(where, page.length));
    }
    int magic = ByteReader.u16(page, 0);
    Version version =
        Version.ofWalMagic(magic)
            .orElseThrow(() -> new FormatException(where + ": " + Version.describeWalMagic(magic)));
    PageHeader header = PageHeader.decode(page, 0);
    if (!WalLayout.isValidSegmentSize(header.segmentSize())) {
      throw new FormatException(
          "%s: the first page's segment size is %d bytes".formatted(where, header.segmentSize()));
    }
    return new Origin(version, header.segmentSize());
  }

  static String join(String folder, String name) {
    return folder.isEmpty() ? name : folder + "/" + name;
  }

  private static String describe(DataDirectory directory, String path) {
    return path.isEmpty() ? directory.describe() : directory.describe() + "/" + path;
  }

  /** The version of the server that wrote the files. */
  public Version version() {
    return version;
  }

  public WalLayout layout() {
    return layout;
  }

  public DataDirectory directory() {
    return directory;
  }

  public TimelineHistory history() {
    return history;
  }

  /** The first LSN of the oldest file, or empty without files. */
  public Optional<Lsn> first() {
    return paths.values().stream()
        .map(TreeMap::firstKey)
        .min(Long::compareUnsigned)
        .map(number -> new Lsn(number * layout.segmentSize()));
  }

  /** The end of the newest file, or empty without files. */
  public Optional<Lsn> last() {
    return paths.values().stream()
        .map(TreeMap::lastKey)
        .max(Long::compareUnsigned)
        .map(number -> new Lsn((number + 1) * layout.segmentSize()));
  }

  /**
   * {@code lsn} if its file exists, else the beginning of the next existing file; empty if there is
   * none.
   */
  public Optional<Lsn> firstFrom(Lsn lsn) {
    long number = layout.segmentNumber(lsn);
    if (file(number).isPresent()) {
      return Optional.of(lsn);
    }
    return paths.values().stream()
        .map(files -> files.higherKey(number))
        .filter(java.util.Objects::nonNull)
        .min(Long::compareUnsigned)
        .map(later -> new Lsn(later * layout.segmentSize()));
  }

  /** Whether a file after the segment with this number exists. */
  boolean hasLater(long number) {
    return paths.values().stream().anyMatch(files -> files.higherKey(number) != null);
  }

  /** The file and offset of this LSN; an empty path if there is no file. */
  WalEnd.Spot spot(long lsn) {
    return file(Long.divideUnsigned(lsn, layout().segmentSize()))
        .map(file -> new WalEnd.Spot(file.path(), lsn - file.start().value()))
        .orElse(new WalEnd.Spot("", 0));
  }

  /** The file of the segment with this number in the followed history. */
  public Optional<File> file(long number) {
    int timeline = history.timeline();
    Lsn limit = Lsn.INVALID;
    for (int i = history.ancestors().size(); i >= 0; i--) {
      // a timeline begins where the last ancestor before it ends
      Lsn begin = i == 0 ? Lsn.INVALID : history.ancestors().get(i - 1).end();
      TreeMap<Long, String> files = paths.get(timeline);
      if (files != null
          && Long.compareUnsigned(layout.segmentNumber(begin), number) <= 0
          && files.containsKey(number)) {
        Lsn start = new Lsn(number * layout.segmentSize());
        return Optional.of(new File(files.get(number), timeline, start, limit));
      }
      if (i > 0) {
        timeline = history.ancestors().get(i - 1).timeline();
        limit = begin;
      }
    }
    return Optional.empty();
  }

  /** The name that the segment with this number should have. */
  String expectedName(long number) {
    Lsn start = new Lsn(number * layout.segmentSize());
    int timeline = history.timelineAt(new Lsn(start.value() + layout.segmentSize() - 1));
    return join(folder, layout.segmentName(timeline, start).toString());
  }
}
