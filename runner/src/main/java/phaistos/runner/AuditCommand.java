package phaistos.runner;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import phaistos.checker.CheckContext;
import phaistos.checker.durability.AuditInput;
import phaistos.checker.durability.AuditPage;
import phaistos.checker.durability.AuditReport;
import phaistos.checker.durability.ClaimReader;
import phaistos.checker.durability.Claims;
import phaistos.checker.durability.CommitLevel;
import phaistos.checker.durability.DurabilityAudit;
import phaistos.checker.durability.ImageKind;
import phaistos.checker.durability.JsonReport;
import phaistos.checker.durability.LsnMeaning;
import phaistos.checker.durability.MarkerColumn;
import phaistos.checker.durability.NodeImage;
import phaistos.checker.durability.StandbyRule;
import phaistos.checker.durability.TextReport;
import phaistos.formats.ByteReader;
import phaistos.formats.ControlFile;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.FormatException;
import phaistos.formats.wal.UnpackedSegments;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.HistoryException;
import phaistos.histories.HistoryReader;
import phaistos.histories.UntypedCall;
import phaistos.runner.options.DurationConverter;
import phaistos.runner.options.GivenPath;
import phaistos.runner.options.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code phaistos audit}: checks acknowledged commits against copies of data directories. The
 * history is read as a stream; docs/AUDIT.md explains the report.
 */
@Command(
    name = "audit",
    description = "Checks acknowledged commits against copies of data directories.",
    mixinStandardHelpOptions = true)
final class AuditCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--history",
      required = true,
      paramLabel = "FILE",
      description = "A history whose operations carry xids, and markers or LSNs.")
  private Path history;

  @Option(
      names = "--node",
      paramLabel = "NAME=DATADIR",
      description = "A standby's data directory; the name as in synchronous_standby_names.")
  private List<String> standbys = List.of();

  @Option(
      names = "--primary",
      paramLabel = "NAME=DATADIR",
      description = "The primary's data directory.")
  private List<String> primaries = List.of();

  @Option(
      names = "--promoted",
      paramLabel = "NAME",
      description = "The node whose line counts since a failover. Default: the highest timeline.")
  private Optional<String> promoted;

  @Option(
      names = "--restored",
      description =
          "A later timeline is that of a server restored from a backup, and no failover. Default:"
              + " as the files tell.")
  private boolean isRestored;

  @Option(
      names = "--images",
      paramLabel = "KIND",
      defaultValue = "WRITTEN",
      description =
          "What the directories are: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private ImageKind images;

  @Option(
      names = "--synchronous-commit",
      paramLabel = "LEVEL",
      description = "The level of operations that do not say theirs. Default: on.")
  private Optional<String> level;

  @Option(
      names = "--standby-names",
      paramLabel = "NAMES",
      description =
          "synchronous_standby_names for operations that do not say them. Default: any standby.")
  private Optional<String> standbyNames;

  @Option(
      names = "--marker-from",
      paramLabel = "KEY",
      defaultValue = "marker",
      description = "Where an operation has its rows' unique values: marker or value.")
  private String markerFrom;

  @Option(
      names = "--marker-column",
      paramLabel = "WHERE",
      defaultValue = "ANY",
      description =
          "Where rows have them: ${COMPLETION-CANDIDATES} column. Default: ${DEFAULT-VALUE}.")
  private MarkerColumn markerColumn;

  @Option(
      names = "--lsn",
      paramLabel = "MEANING",
      defaultValue = "EXACT",
      description =
          "What the history's LSNs are: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}, the"
              + " commit record's end.")
  private LsnMeaning lsnMeaning;

  @Option(
      names = "--crash",
      split = ",",
      paramLabel = "F",
      description =
          "The nemesis' functions with which the primary's memory was lost, for level off.")
  private Set<String> crashFunctions = Set.of();

  @Option(
      names = "--wal-writer-delay",
      paramLabel = "TIME",
      defaultValue = "200ms",
      converter = DurationConverter.Millis.class,
      description = "The primary's; a bare number is milliseconds. Default: ${DEFAULT-VALUE}.")
  private Duration walWriterDelay;

  @Option(names = "--all", description = "Show every transaction, not only violations.")
  private boolean isAll;

  @Option(names = "--json", description = "Print the report as JSON, every transaction included.")
  private boolean isJson;

  @Option(names = "--html", paramLabel = "FILE", description = "Write the report as a web page.")
  private Optional<Path> html;

  @Option(
      names = "--time-limit",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "After that (500ms, 60s, 5m) the verdict is unknown.")
  private Optional<Duration> timeLimit;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many threads read; as many as there are processors if not given.")
  private Optional<Integer> threads;

  @Override
  public Integer call() {
    if (threads.isPresent() && threads.get() < 1) {
      throw new UsageException("--threads is not above 0: " + threads.get());
    }
    List<NodeImage> nodes = new ArrayList<>();
    primaries.forEach(text -> nodes.add(image(text, NodeImage.Role.PRIMARY, "--primary")));
    standbys.forEach(text -> nodes.add(image(text, NodeImage.Role.STANDBY, "--node")));
    if (nodes.isEmpty()) {
      throw new UsageException("audit needs at least one --node or --primary NAME=DATADIR");
    }
    if (timeLimit.isPresent() && !timeLimit.get().isPositive()) {
      throw new UsageException("--time-limit is not above 0");
    }
    List<AuditInput.Crash> crashes = new ArrayList<>();
    GivenPath.file(history);
    AuditInput settings = input(nodes, List.of());
    Claims claims = claims(settings, crashes);
    long limitNanos = timeLimit.map(Duration::toNanos).orElse(Long.MAX_VALUE);
    AuditReport report =
        new DurabilityAudit<UntypedCall>(input(nodes, crashes))
            .check(claims, CheckContext.within(limitNanos));
    print(report, nodes);
    return report.verdict().exitCode();
  }

  private AuditInput input(List<NodeImage> nodes, List<AuditInput.Crash> crashes) {
    AuditInput.Builder input =
        AuditInput.of(nodes)
            .threads(threads.orElse(Runtime.getRuntime().availableProcessors()))
            .restored(isRestored)
            .markerColumn(markerColumn)
            .lsnMeaning(lsnMeaning)
            .crashes(crashes, 3 * walWriterDelay.toNanos());
    try {
      level.map(CommitLevel::parse).ifPresent(input::defaultLevel);
      standbyNames.map(StandbyRule::parse).ifPresent(input::defaultStandbys);
      promoted.ifPresent(input::promoted);
      return input.build();
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }

  private NodeImage image(String text, NodeImage.Role role, String option) {
    int equals = text.indexOf('=');
    if (equals < 1 || equals == text.length() - 1) {
      throw new UsageException(
          option + " expects NAME=DATADIR, for example b=/var/lib/postgresql/15/b: " + text);
    }
    Path folder = GivenPath.directory(Path.of(text.substring(equals + 1)));
    FolderDataDirectory files = new FolderDataDirectory(folder);
    checkVersion(files);
    return new NodeImage(text.substring(0, equals), role, images, new UnpackedSegments(files));
  }

  /** Damage is a finding; a directory without PostgreSQL's files is a user error. */
  private static void checkVersion(FolderDataDirectory files) {
    try {
      byte[] start = files.read(ControlFile.PATH, 0, 16);
      if (start.length == 16 && ByteReader.i64(start, 8) != 0) {
        ControlFile.versionOf(files);
      }
    } catch (FormatException e) {
      throw new UsageException(e.getMessage(), e);
    } catch (IOException e) {
      throw new UsageException(
          files.describe() + " is no data directory: it has no " + ControlFile.PATH, e);
    }
  }

  private Claims claims(AuditInput settings, List<AuditInput.Crash> crashes) {
    if (!markerFrom.equals("marker") && !markerFrom.equals("value")) {
      throw new UsageException("--marker-from is marker or value, not " + markerFrom);
    }
    ClaimReader claims = new ClaimReader(settings);
    try (HistoryReader reader = HistoryReader.open(history)) {
      for (var next = reader.next(); next.isPresent(); next = reader.next()) {
        Event<UntypedCall> event = next.get();
        if (!event.isClient() && crashFunctions.contains(event.call().name())) {
          crashes.add(new AuditInput.Crash(event.index(), event.timeNanos()));
        }
        try {
          claims.add(markerFrom.equals("value") ? withMarker(event) : event);
        } catch (IllegalArgumentException e) {
          throw reader.error(e.getMessage());
        }
      }
      reader.notes().forEach(note -> spec.commandLine().getErr().println("note: " + note));
      return claims.finish();
    } catch (HistoryException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }

  /** The event with its value for a marker, unless it has one. */
  private static Event<UntypedCall> withMarker(Event<UntypedCall> event) {
    Edn value = event.call().value();
    if (event.details().marker().isPresent() || value.equals(Edn.NIL)) {
      return event;
    }
    return event.withDetails(event.details().toBuilder().marker(value).build());
  }

  private void print(AuditReport report, List<NodeImage> nodes) {
    PrintWriter out = spec.commandLine().getOut();
    try {
      if (isJson) {
        JsonReport.write(report, JsonReport.Detail.ALL, out);
      } else {
        TextReport.full(report, isAll).forEach(out::println);
      }
      out.flush();
      if (html.isPresent()) {
        Files.writeString(html.get(), AuditPage.page(report, nodes, List.of(commandLine())));
        if (!isJson) {
          out.println("page:   " + html.get());
          out.flush();
        }
      }
    } catch (IOException e) {
      throw GivenPath.unwritable(html.orElse(Path.of("standard output")), e);
    }
  }

  private String commandLine() {
    return "./phaistos audit "
        + String.join(" ", spec.commandLine().getParseResult().originalArgs());
  }
}
