package phaistos.runner;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;

/**
 * What clients recorded of {@code pg_current_snapshot()} as {@code :snapshot}, beside the order of
 * versions: each read must be of the last version that its snapshot shows. Not thread-safe.
 */
final class RecordedSnapshots {
  /** As pg_snapshot's text: xmin:xmax:xip_list, 64-bit ids (PostgreSQL documentation, 9.27). */
  private static final Pattern TEXT = Pattern.compile("(\\d+):(\\d+):((?:\\d+(?:,\\d+)*)?)");

  /** Which transactions had ended: all before xmin, and those before xmax that do not run. */
  private record Snapshot(String text, long xmin, long xmax, Set<Long> running) {
    /**
     * @param xid 32-bit or 64-bit
     */
    boolean shows(long xid) {
      long full = xmax + (int) (xid - xmax);
      return full < xmin || full < xmax && !running.contains(full);
    }
  }

  private record Reader(long index, long line, Snapshot snapshot, List<Edn> steps) {}

  private record Version(Edn value, OptionalLong xid) {}

  private final List<Reader> readers = new ArrayList<>();
  private final Map<Edn, List<Version>> versions = new HashMap<>();

  /**
   * Takes a completed transaction.
   *
   * @throws IllegalArgumentException if its snapshot is no snapshot
   */
  void note(Event.Ok<UntypedCall> event, long line) {
    Edn given = event.details().unknown().get("snapshot");
    if (given instanceof Edn.Nil) {
      return;
    }
    Snapshot snapshot =
        parse(given)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "event %d: :snapshot is not what pg_current_snapshot() says (\"xmin:xmax:xip,...\"): %s"
                            .formatted(event.index(), EdnWriter.print(given))));
    readers.add(new Reader(event.index(), line, snapshot, WalOrder.elements(event.call().value())));
  }

  private static Optional<Snapshot> parse(Edn given) {
    Matcher parts = TEXT.matcher(given instanceof Edn.Text text ? text.value() : "");
    if (!parts.matches()) {
      return Optional.empty();
    }
    try {
      Set<Long> running = new HashSet<>();
      for (String xid : parts.group(3).isEmpty() ? new String[0] : parts.group(3).split(",")) {
        running.add(Long.parseLong(xid));
      }
      long xmin = Long.parseLong(parts.group(1));
      long xmax = Long.parseLong(parts.group(2));
      return Optional.of(new Snapshot(parts.group(), xmin, xmax, running));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Takes the next version of a key, in the order of the WAL. */
  void version(Edn key, Edn value, OptionalLong xid) {
    versions.computeIfAbsent(key, _ -> new ArrayList<>()).add(new Version(value, xid));
  }

  int size() {
    return readers.size();
  }

  /** The first read that its snapshot does not allow. */
  Optional<String> contradiction() {
    return readers.stream().flatMap(reader -> contradiction(reader).stream()).findFirst();
  }

  private Optional<String> contradiction(Reader reader) {
    Set<Edn> own = new HashSet<>();
    for (Edn step : WalOrder.steps(reader.steps, "w")) {
      own.add(WalOrder.elements(step).get(1));
    }
    Map<Edn, Edn> reads = new HashMap<>();
    for (Edn step : WalOrder.steps(reader.steps, "r")) {
      reads.put(WalOrder.elements(step).get(1), WalOrder.elements(step).get(2));
    }
    for (Edn step : WalOrder.steps(reader.steps, "rp")) {
      if (WalOrder.elements(step).get(2) instanceof Edn.Table rows) {
        reads.putAll(rows.entries());
      }
    }
    for (Map.Entry<Edn, Edn> read : reads.entrySet()) {
      Optional<Edn> shown =
          own.contains(read.getKey())
              ? Optional.empty()
              : shown(reader.snapshot, versions.getOrDefault(read.getKey(), List.of()));
      if (shown.isPresent() && !shown.get().equals(read.getValue())) {
        return Optional.of(
            "event %d (line %d) read %s as %s, and its snapshot %s shows %s"
                .formatted(
                    reader.index,
                    reader.line,
                    EdnWriter.print(read.getKey()),
                    EdnWriter.print(read.getValue()),
                    reader.snapshot.text,
                    EdnWriter.print(shown.get())));
      }
    }
    return Optional.empty();
  }

  /** The last version that the snapshot shows; empty if it shows none, or that cannot be told. */
  private static Optional<Edn> shown(Snapshot snapshot, List<Version> versions) {
    for (Version version : versions.reversed()) {
      if (version.xid.isEmpty()) {
        return Optional.empty();
      }
      if (snapshot.shows(version.xid.getAsLong())) {
        return Optional.of(version.value);
      }
    }
    return Optional.empty();
  }
}
