package phaistos.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import phaistos.checker.CheckContext;
import phaistos.checker.durability.AuditInput;
import phaistos.checker.durability.ClaimReader;
import phaistos.checker.durability.Claims;
import phaistos.checker.durability.DurabilityAudit;
import phaistos.checker.durability.ImageKind;
import phaistos.checker.durability.NodeImage;
import phaistos.formats.ControlFile;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.Lsn;
import phaistos.formats.Version;
import phaistos.formats.record.HeapBody;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.SegmentName;
import phaistos.formats.wal.WalFiles;
import phaistos.formats.wal.WalReader;
import phaistos.formats.wal.WalRecord;
import phaistos.histories.HistoryReader;
import phaistos.histories.UntypedCall;
import phaistos.runner.inspect.InspectCommand;

/**
 * {@code phaistos bench inspect [--size MB] [--rounds N] [DIR | FIRST LAST]}: listing, counting and
 * auditing WAL, against PostgreSQL's pg_waldump on the same segments, one after the other, round by
 * round, with the output to /dev/null. Ours as the command line (the start of the JVM included) and
 * warm in one JVM. Without files it makes its own ({@link GeneratedWal}).
 */
final class InspectBench {
  private static final Path WALDUMP = BenchNode.BIN.resolve("pg_waldump");
  private static final int CLAIMS = 20_000;

  /** The JVM's compilers have ended their work after as long as this. */
  private static final double WARM_UP_SECONDS = 5;

  /** Where a tuple of one int8 column begins in an insert's data, and how long that is. */
  private static final int ONE_NUMBER_AT = 1;

  private static final int ONE_NUMBER_BYTES = 9;

  private final Path first;
  private final Path last;
  private final int rounds;
  private final Map<String, List<TimedCommand>> times = new LinkedHashMap<>();
  private double megabytes;

  private InspectBench(Path first, Path last, int rounds) {
    this.first = first;
    this.last = last;
    this.rounds = rounds;
  }

  static int run(String[] arguments) throws Exception {
    int size = 512;
    int rounds = 5;
    List<Path> paths = new ArrayList<>();
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--size" -> size = number(arguments, ++i);
        case "--rounds" -> rounds = number(arguments, ++i);
        default -> paths.add(Path.of(arguments[i]));
      }
    }
    if (!Files.isExecutable(WALDUMP)) {
      return wrong("there is no " + WALDUMP + "; install PostgreSQL 15 (Debian: postgresql-15)");
    }
    if (size < 1 || rounds < 1 || paths.size() > 2) {
      return wrong("expected [--size MB] [--rounds N] [DIR | FIRST LAST], with numbers above 0");
    }
    for (Path path : paths) {
      if (!Files.exists(path)) {
        return wrong("there is no " + path);
      }
    }
    if (paths.isEmpty()) {
      paths.add(GeneratedWal.of(size));
    }
    List<Path> ends = Files.isDirectory(paths.get(0)) ? ends(paths.get(0)) : paths;
    if (ends.isEmpty()) {
      return wrong("there are no WAL segments in " + paths.get(0));
    }
    return new InspectBench(ends.getFirst(), ends.getLast(), rounds).run(System.out);
  }

  private static int wrong(String message) {
    System.err.println("phaistos bench inspect: " + message);
    return 254;
  }

  private static int number(String[] arguments, int at) {
    try {
      return at < arguments.length ? Integer.parseInt(arguments[at]) : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** The first and the last segment of the newest timeline. */
  private static List<Path> ends(Path directory) throws IOException {
    Path folder = directory.resolve(WalFiles.folderOf(new FolderDataDirectory(directory)));
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> segments =
          files
              .filter(file -> SegmentName.parse(file.getFileName().toString()).isPresent())
              .sorted()
              .toList();
      if (segments.isEmpty()) {
        return List.of();
      }
      String timeline = segments.getLast().getFileName().toString().substring(0, 8);
      return segments.stream()
          .filter(file -> file.getFileName().toString().startsWith(timeline))
          .toList();
    }
  }

  private int run(PrintStream out) throws Exception {
    WalFiles files = files();
    WalReader reader = WalReader.all(files);
    Lsn start = reader.position();
    long records = 0;
    while (reader.next()) {
      records++;
    }
    megabytes = reader.position().minus(start) / 1e6;
    out.printf(
        "%s to %s: %.0f MB of WAL, %,d records; medians of %d rounds%n",
        first, last.getFileName(), megabytes, records, rounds);
    List<String> listing = List.of("wal", first.toString(), last.toString());
    List<String> counting = List.of("wal", "--stats=rmgr", first.toString(), last.toString());
    boolean isSame = isSame(out, listing, List.of()) & isSame(out, counting, List.of("--stats"));
    measure("listing", listing, List.of());
    measure("--stats", counting, List.of("--stats"));
    Path data = first.toAbsolutePath().getParent().getParent();
    boolean hasAudit = Files.exists(data.resolve(ControlFile.PATH));
    if (hasAudit) {
      measureAudit(data);
    }
    print(out, "listing", "listing");
    print(out, "--stats", "--stats");
    if (hasAudit) {
      print(out, "audit", "listing");
      print(out, "audit", "--stats");
    } else {
      out.println("no audit: these segments are not in a data directory");
    }
    return isSame ? 0 : 1;
  }

  private WalFiles files() throws IOException {
    FolderDataDirectory folder = new FolderDataDirectory(first.toAbsolutePath().getParent());
    String name = first.getFileName().toString();
    int timeline = SegmentName.parse(name).map(SegmentName::timeline).orElse(1);
    return first.equals(last)
        ? WalFiles.ofFile(folder, name)
        : WalFiles.ofTimeline(folder, "", timeline);
  }

  private List<String> waldump(List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(WALDUMP.toString());
    command.addAll(options);
    command.addAll(List.of(first.toString(), last.toString()));
    return command;
  }

  private static List<String> ours(String name, List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("phaistos.home", "."), "phaistos").toString());
    command.add(name);
    command.addAll(options);
    return command;
  }

  /** Whether both print the same, byte for byte. */
  private boolean isSame(PrintStream out, List<String> inspect, List<String> waldump)
      throws IOException {
    boolean isSame;
    try (InputStream theirs = output(waldump(waldump));
        InputStream ours = output(ours("inspect", inspect))) {
      isSame = isSame(theirs, ours);
    }
    if (!isSame) {
      out.println("OUTPUTS DIFFER: " + String.join(" ", waldump(waldump)));
    }
    return isSame;
  }

  private static InputStream output(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("TZ", "UTC");
    return builder.redirectError(ProcessBuilder.Redirect.DISCARD).start().getInputStream();
  }

  private static boolean isSame(InputStream theirs, InputStream ours) throws IOException {
    while (true) {
      byte[] a = theirs.readNBytes(1 << 16);
      byte[] b = ours.readNBytes(1 << 16);
      if (!Arrays.equals(a, b)) {
        return false;
      }
      if (a.length == 0) {
        return true;
      }
    }
  }

  private void measure(String name, List<String> inspect, List<String> waldump) throws Exception {
    TimedCommand.Work warm =
        () -> {
          String[] arguments = inspect.toArray(String[]::new);
          InspectCommand.commandLine(arguments).execute(arguments);
        };
    warmUp(warm);
    for (int i = 0; i < rounds; i++) {
      add(name + ", pg_waldump", TimedCommand.of(waldump(waldump)));
      add(name + ", ./phaistos", TimedCommand.of(ours("inspect", inspect)));
      add(name + ", in one JVM", quietly(warm));
    }
  }

  private static void warmUp(TimedCommand.Work work) throws Exception {
    for (double seconds = 0; seconds < WARM_UP_SECONDS; ) {
      seconds += quietly(work).wallSeconds();
    }
  }

  /** The time of a run with standard output and error to /dev/null. */
  private static TimedCommand quietly(TimedCommand.Work work) throws Exception {
    PrintStream out = System.out;
    PrintStream err = System.err;
    try (PrintStream none = new PrintStream("/dev/null", StandardCharsets.UTF_8)) {
      System.setOut(none);
      System.setErr(none);
      return TimedCommand.of(work);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private void add(String name, TimedCommand time) {
    times.computeIfAbsent(name, _ -> new ArrayList<>()).add(time);
  }

  /** One node, and a history of commits that the WAL has: what takes time is to read it. */
  private void measureAudit(Path data) throws Exception {
    Path history = Files.createTempFile("phaistos-bench", ".edn");
    try {
      writeHistory(history);
      NodeImage node =
          new NodeImage(
              "a", NodeImage.Role.PRIMARY, ImageKind.WRITTEN, new FolderDataDirectory(data));
      int threads = Runtime.getRuntime().availableProcessors();
      AuditInput input = AuditInput.of(List.of(node)).threads(threads).build();
      Claims claims = claims(history, input);
      TimedCommand.Work scan =
          () ->
              new DurabilityAudit<UntypedCall>(input)
                  .check(claims, CheckContext.within(Long.MAX_VALUE));
      warmUp(scan);
      List<String> command =
          ours("audit", List.of("--history", history.toString(), "--primary", "a=" + data));
      for (int i = 0; i < rounds; i++) {
        add("audit, ./phaistos", TimedCommand.of(command));
        add("audit, in one JVM", quietly(scan));
      }
    } finally {
      Files.delete(history);
    }
  }

  private static Claims claims(Path history, AuditInput input) {
    ClaimReader claims = new ClaimReader(input);
    try (HistoryReader reader = HistoryReader.open(history)) {
      for (var next = reader.next(); next.isPresent(); next = reader.next()) {
        claims.add(next.get());
      }
    }
    return claims.finish();
  }

  /**
   * Some of the commits, evenly spread, each with its LSN, and with a marker where the transaction
   * inserted a row of one number.
   */
  private void writeHistory(Path file) throws IOException {
    long commits = 0;
    WalReader counter = WalReader.all(files());
    while (counter.next()) {
      commits += isCommit(counter) ? 1 : 0;
    }
    long each = Math.max(1, commits / CLAIMS);
    Map<Integer, Long> numbers = new LinkedHashMap<>();
    WalReader reader = WalReader.all(files());
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
      for (long seen = 0; reader.next(); ) {
        int xid = reader.xid().value();
        if (reader.rmgrId() == Rmgr.HEAP.id() && (reader.info() & 0x70) == 0) {
          noteNumber(reader.record(), numbers);
        }
        if (!isCommit(reader)) {
          continue;
        }
        Long number = numbers.remove(xid);
        if (seen++ % each == 0) {
          out.println(
              "{:process 0, :type :invoke, :f :insert, :value "
                  + (number == null ? "nil" : number)
                  + "}");
          out.printf(
              "{:process 0, :type :ok, :f :insert, :value %s, :xid %s, :lsn \"%s\"%s}%n",
              number == null ? "nil" : number,
              reader.xid(),
              reader.endLsn(),
              number == null ? "" : ", :marker " + number);
        }
      }
    }
  }

  private static boolean isCommit(WalReader reader) {
    return reader.rmgrId() == Rmgr.TRANSACTION.id() && (reader.info() & 0x70) == 0;
  }

  private static void noteNumber(WalRecord record, Map<Integer, Long> numbers) {
    if (Version.WRITTEN.records().decode(record) instanceof HeapBody.Insert insert
        && insert.tuple().isPresent()
        && insert.tuple().get().data().length == ONE_NUMBER_BYTES) {
      byte[] data = insert.tuple().get().data();
      numbers.put(record.xid().value(), phaistos.formats.ByteReader.i64(data, ONE_NUMBER_AT));
    }
  }

  private void print(PrintStream out, String name, String against) {
    TimedCommand theirs = TimedCommand.median(times.get(against + ", pg_waldump"));
    if (name.equals(against)) {
      line(out, name + ", pg_waldump", theirs, theirs, against);
    }
    for (String way : List.of(", ./phaistos", ", in one JVM")) {
      line(out, name + way, TimedCommand.median(times.get(name + way)), theirs, against);
    }
  }

  private void line(
      PrintStream out, String name, TimedCommand time, TimedCommand theirs, String against) {
    out.printf(
        "%-22s %8.3f s %8.0f MB/s, processors %8.3f s; pg_waldump's %s over it: %.2f, %.2f%n",
        name,
        time.wallSeconds(),
        megabytes / time.wallSeconds(),
        time.cpuSeconds(),
        against,
        theirs.wallSeconds() / time.wallSeconds(),
        theirs.cpuSeconds() / time.cpuSeconds());
  }
}
