package phaistos.runner;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import phaistos.checker.CheckContext;
import phaistos.checker.durability.AuditInput;
import phaistos.checker.durability.ClaimReader;
import phaistos.checker.durability.CommitOrder;
import phaistos.checker.durability.ImageKind;
import phaistos.checker.durability.NodeImage;
import phaistos.formats.ControlFile;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.FormatException;
import phaistos.formats.wal.UnpackedSegments;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.HistoryReader;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.runner.options.UsageException;

/**
 * The order of register versions by the commit records of a database's WAL, and what became of
 * transactions whose clients do not know. Made by a first reading of the history; {@link #settled}
 * and {@link #late} give the events of the second with what the WAL says. Not thread-safe.
 */
final class WalOrder {
  /**
   * A transaction that wrote.
   *
   * @param last its completion, or its invocation if it has none
   * @param before how many events stand before its invocation; -1 if it has none
   */
  private record Writer(
      Event<UntypedCall> last, UntypedCall call, long line, int before, List<Edn> writes) {
    boolean isOk() {
      return last instanceof Event.Ok;
    }

    boolean isFailed() {
      return last instanceof Event.Fail;
    }

    String where() {
      return "event %d (line %d)".formatted(last.index(), line);
    }
  }

  private record Opened(Event<UntypedCall> event, long line, int place) {}

  private final Map<Process, Opened> open = new LinkedHashMap<>();
  private final Set<Process> completedUnknown = new HashSet<>();
  private final Set<Process> reused = new HashSet<>();
  private final Map<Long, Writer> writers = new LinkedHashMap<>();
  private final Map<Edn, Set<Edn>> read = new HashMap<>();
  private final Map<Long, Integer> completedAt = new HashMap<>();
  private final Map<Edn, Set<Edn>> versions = new HashMap<>();
  private final Set<Long> rolledBack = new HashSet<>();
  private final Map<Long, Writer> promoted = new TreeMap<>();
  private final RecordedSnapshots snapshots = new RecordedSnapshots();
  private final String description;
  private Optional<String> gap = Optional.empty();
  private int events;
  private int placed;

  /**
   * Reads the history, then the WAL.
   *
   * @throws phaistos.histories.HistoryException if the history cannot be read
   * @throws UsageException if a directory is not a database's
   */
  static WalOrder read(Path history, List<Path> directories, CheckContext context) {
    return new WalOrder(history, directories, context);
  }

  private WalOrder(Path history, List<Path> directories, CheckContext context) {
    AuditInput input = AuditInput.of(directories.stream().map(WalOrder::image).toList()).build();
    ClaimReader claims = new ClaimReader(input);
    try (HistoryReader reader = HistoryReader.open(history)) {
      for (var next = reader.next(); next.isPresent(); next = reader.next()) {
        try {
          claims.add(next.get());
          if (next.get() instanceof Event.Ok<UntypedCall> ok && ok.isClient()) {
            snapshots.note(ok, reader.line());
          }
        } catch (IllegalArgumentException e) {
          throw reader.error(e.getMessage());
        }
        note(next.get(), reader.line());
      }
    }
    open.values().forEach(opened -> add(opened.event, opened.event.call(), opened, opened.line));
    String wal;
    try {
      CommitOrder order = CommitOrder.read(input, claims.finish(), context);
      wal = order.describe();
      place(order);
    } catch (FormatException | UncheckedIOException e) {
      wal = "WAL, which cannot be read";
      gap = Optional.of("the WAL cannot be read: " + e.getMessage());
    }
    description = wal;
  }

  private static NodeImage image(Path directory) {
    FolderDataDirectory files = new FolderDataDirectory(directory);
    try {
      ControlFile.read(files);
    } catch (FormatException e) {
      throw new UsageException(e.getMessage(), e);
    } catch (IOException e) {
      throw new UsageException(
          files.describe() + " is no data directory: it has no " + ControlFile.PATH, e);
    }
    return new NodeImage(
        directory.toAbsolutePath().normalize().toString(),
        NodeImage.Role.PRIMARY,
        ImageKind.WRITTEN,
        new UnpackedSegments(files));
  }

  private void note(Event<UntypedCall> event, long line) {
    if (!event.isClient()) {
      return;
    }
    events++;
    if (event.isInvoke()) {
      Opened before = open.put(event.process(), new Opened(event, line, events));
      if (before == null && completedUnknown.contains(event.process())) {
        reused.add(event.process());
      }
      return;
    }
    Opened opened = open.remove(event.process());
    boolean isSilent = event.call().value() instanceof Edn.Nil && opened != null;
    UntypedCall call = isSilent ? opened.event.call() : event.call();
    completedAt.put(event.index(), events);
    if (event instanceof Event.Ok) {
      noteReads(call.value());
    } else if (event instanceof Event.Info) {
      completedUnknown.add(event.process());
    }
    add(event, call, opened, line);
  }

  private void add(Event<UntypedCall> last, UntypedCall call, Opened opened, long line) {
    List<Edn> writes = steps(call.value(), "w");
    if (!writes.isEmpty()) {
      int before = opened == null ? -1 : opened.place;
      writers.put(last.index(), new Writer(last, call, line, before, writes));
    }
  }

  /** The steps of a transaction that begin with this word and have a key and a value. */
  private static List<Edn> steps(Edn value, String word) {
    return steps(elements(value), word);
  }

  static List<Edn> steps(List<Edn> steps, String word) {
    return steps.stream()
        .filter(step -> elements(step).size() == 3)
        .filter(step -> word(elements(step).getFirst()).equals(word))
        .toList();
  }

  /** Of a vector or a list; else none. */
  static List<Edn> elements(Edn value) {
    return switch (value) {
      case Edn.Vector vector -> vector.items();
      case Edn.Sequence sequence -> sequence.items();
      default -> List.of();
    };
  }

  private static String word(Edn name) {
    return switch (name) {
      case Edn.Keyword keyword -> keyword.name();
      case Edn.Text text -> text.value();
      default -> "";
    };
  }

  private void noteReads(Edn value) {
    for (Edn step : steps(value, "r")) {
      noteRead(elements(step).get(1), elements(step).get(2));
    }
    for (Edn step : steps(value, "rp")) {
      if (elements(step).get(2) instanceof Edn.Table rows) {
        rows.entries().forEach(this::noteRead);
      }
    }
  }

  private void noteRead(Edn key, Edn value) {
    read.computeIfAbsent(key, _ -> new HashSet<>()).add(value);
  }

  private void place(CommitOrder order) {
    TreeMap<Long, Writer> byCommit = new TreeMap<>(Long::compareUnsigned);
    for (Writer writer : writers.values()) {
      CommitOrder.Fate fate =
          order
              .fate(writer.last.index())
              .orElse(new CommitOrder.Untold("it wrote, and has no :xid"));
      switch (fate) {
        case CommitOrder.Committed _ when writer.isFailed() ->
            miss(writer, "it failed for its client, but its commit is in the WAL");
        case CommitOrder.Committed(var lsn) -> {
          Writer other = byCommit.put(lsn.value(), writer);
          if (other != null) {
            miss(writer, "it has the same commit record as " + other.where());
          }
        }
        case CommitOrder.RolledBack _ -> {
          if (writer.isOk()) {
            miss(writer, "it was acknowledged, but is rolled back in the WAL");
          } else if (!writer.isFailed()) {
            rolledBack.add(writer.last.index());
          }
        }
        case CommitOrder.Untold(var why) -> {
          if (writer.isOk() || !writer.isFailed() && isRead(writer)) {
            miss(writer, why);
          }
        }
      }
    }
    if (isAgainstTheHistory(byCommit)) {
      return;
    }
    for (Writer writer : byCommit.values()) {
      placed++;
      for (Edn step : writer.writes) {
        Edn key = elements(step).get(1);
        Edn value = elements(step).get(2);
        snapshots.version(key, value, writer.last.details().xid());
        if (!versions.computeIfAbsent(key, _ -> new LinkedHashSet<>()).add(value)) {
          String twice = "key %s was set to %s before";
          miss(writer, twice.formatted(EdnWriter.print(key), EdnWriter.print(value)));
        }
      }
      if (!writer.isOk()) {
        promote(writer);
      }
    }
    if (gap.isEmpty()) {
      gap = snapshots.contradiction();
    }
  }

  /** Committed for sure, at a moment that its client does not know: answered after all else. */
  private void promote(Writer writer) {
    if (reused.contains(writer.last.process())) {
      miss(writer, "its outcome is unknown, and its process went on, which it may not");
    } else {
      promoted.put(writer.last.index(), writer);
    }
  }

  private boolean isRead(Writer writer) {
    return writer.writes.stream()
        .anyMatch(
            s -> read.getOrDefault(elements(s).get(1), Set.of()).contains(elements(s).get(2)));
  }

  private void miss(Writer writer, String why) {
    if (gap.isEmpty()) {
      gap =
          Optional.of(
              "the WAL does not give the order of all versions: %s: %s"
                  .formatted(writer.where(), why));
    }
  }

  /**
   * Whether a transaction was answered before another was asked, and committed after it: then these
   * commits are not theirs, and nothing is concluded from them.
   */
  private boolean isAgainstTheHistory(TreeMap<Long, Writer> byCommit) {
    Writer latest = null;
    for (Writer writer : byCommit.values()) {
      if (writer.isOk() && latest != null && completedAt.get(writer.last.index()) < latest.before) {
        gap =
            Optional.of(
                "the WAL is not of this history: %s was answered before %s was asked, and the WAL"
                        .formatted(writer.where(), latest.where())
                    + " has their commits the other way round");
        return true;
      }
      latest = latest == null || writer.before > latest.before ? writer : latest;
    }
    return false;
  }

  /** The event with what the WAL knows of it; empty if it comes {@link #late}. */
  Optional<Event<UntypedCall>> settled(Event<UntypedCall> event) {
    if (rolledBack.contains(event.index()) && !event.isInvoke()) {
      return Optional.of(failed(event, event.call()));
    }
    return promoted.containsKey(event.index()) && !event.isInvoke()
        ? Optional.empty()
        : Optional.of(event);
  }

  /** The answers that the WAL gives to what the history leaves open. */
  List<Event<UntypedCall>> late() {
    List<Event<UntypedCall>> late = new ArrayList<>();
    for (Writer writer : promoted.values()) {
      Event<UntypedCall> last = writer.last;
      UntypedCall call = new UntypedCall(writer.call.f(), new Edn.Vector(writer.writes));
      late.add(
          new Event.Ok<>(last.index(), last.timeNanos(), last.process(), call, last.details()));
    }
    for (long index : rolledBack) {
      Writer writer = writers.get(index);
      if (writer.last.isInvoke()) {
        late.add(failed(writer.last, writer.call));
      }
    }
    return late;
  }

  private static Event<UntypedCall> failed(Event<UntypedCall> event, UntypedCall call) {
    return new Event.Fail<>(
        event.index(), event.timeNanos(), event.process(), call, event.details());
  }

  /** For each key its values in the order in which they were committed. */
  Map<Edn, List<Edn>> versions() {
    Map<Edn, List<Edn>> order = new HashMap<>();
    versions.forEach((key, values) -> order.put(key, List.copyOf(values)));
    return order;
  }

  /** Why the order is not that of all versions; empty if it is. */
  Optional<String> gap() {
    return gap;
  }

  /** What the order rests on. */
  String describe() {
    return "order of versions by %d commits in the %s".formatted(placed, description)
        + (snapshots.size() == 0 ? "" : "; snapshots recorded: %d".formatted(snapshots.size()))
        + (promoted.isEmpty() && rolledBack.isEmpty()
            ? ""
            : "; of unknown outcome %d committed, %d were rolled back"
                .formatted(promoted.size(), rolledBack.size()));
  }
}
