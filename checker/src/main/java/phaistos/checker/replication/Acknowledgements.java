package phaistos.checker.replication;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import phaistos.checker.durability.CommitLevel;
import phaistos.checker.durability.StandbyRule;
import phaistos.formats.Lsn;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;

/**
 * Holds what clients saw against what the standbys had reported by then, whether or not anything
 * gets lost later:
 *
 * <ul>
 *   <li>a commit is acknowledged only when as many of the listed standbys as it waits for have
 *       reported it as written, flushed or applied, whichever its level asks for;
 *   <li>a row is visible on the primary only then (a backend leaves the process array after {@code
 *       SyncRepWaitForLSN}, xact.c).
 * </ul>
 *
 * <p>Where a commit record is comes from the WAL of the standbys, by xid and timeline; a commit of
 * which no standby has the record is the durability audit's. A reply counts from the moment at
 * which the standby is about to send it, so one that is lost or held counts too. Not thread-safe.
 */
final class Acknowledgements {
  private record Place(int timeline, int xid) {}

  /** What one standby has reported, ascending. */
  private static final class Reports {
    private final List<Long> times = new ArrayList<>();
    private final List<long[]> most = new ArrayList<>();

    void add(long timeNanos, Lsn written, Lsn flushed, Lsn applied) {
      long[] now = {written.value(), flushed.value(), applied.value()};
      if (!most.isEmpty()) {
        long[] before = most.getLast();
        for (int i = 0; i < now.length; i++) {
          now[i] = Long.compareUnsigned(before[i], now[i]) > 0 ? before[i] : now[i];
        }
      }
      times.add(timeNanos);
      most.add(now);
    }

    /** The highest position by then; 0 if there is none. */
    long by(long timeNanos, CommitLevel level) {
      int low = 0;
      int high = times.size();
      while (low < high) {
        int middle = (low + high) / 2;
        if (times.get(middle) <= timeNanos) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low == 0 ? 0 : most.get(low - 1)[position(level)];
    }

    private static int position(CommitLevel level) {
      return switch (level) {
        case OFF, LOCAL, REMOTE_WRITE -> 0;
        case ON -> 1;
        case REMOTE_APPLY -> 2;
      };
    }
  }

  /** The first end of a transaction's commit record, since an xid may be handed out again. */
  private final Map<Place, Long> ends = new HashMap<>();

  private final TreeMap<String, Map<Integer, Reports>> reports = new TreeMap<>();

  /** What texts of {@code synchronous_standby_names} say. */
  private final Map<String, StandbyRule> rules = new HashMap<>();

  /** A standby has a commit record in its WAL, which ends here. */
  void commit(int timeline, int xid, long end) {
    ends.merge(new Place(timeline, xid), end, (a, b) -> Long.compareUnsigned(a, b) <= 0 ? a : b);
  }

  /** A standby is about to report this. */
  void reports(
      String standby, int timeline, long timeNanos, Lsn written, Lsn flushed, Lsn applied) {
    reports
        .computeIfAbsent(standby, _ -> new HashMap<>())
        .computeIfAbsent(timeline, _ -> new Reports())
        .add(timeNanos, written, flushed, applied);
  }

  /**
   * The first violation as a sentence of proof.
   *
   * @param startNanos when the history's time is 0, in the time of the reports
   */
  Optional<String> violation(List<Event<UntypedCall>> events, long startNanos) {
    boolean namesChange = false;
    boolean areRowsSeen = false;
    for (Event<UntypedCall> event : events) {
      if (event.call().name().equals("two-primaries")) {
        // two nodes write other WAL under one timeline's number
        return Optional.empty();
      }
      namesChange |= is(event, "reload");
      areRowsSeen |= isOfRowsSeen(event);
    }
    Map<String, Event<UntypedCall>> writes = areRowsSeen ? writes(events) : Map.of();
    for (Event<UntypedCall> event : events) {
      if (!(event instanceof Event.Ok)) {
        continue;
      }
      Optional<String> early =
          missing(event, event.timeNanos(), namesChange, startNanos)
              .map(
                  what ->
                      "event %d was acknowledged at %.6f s, %s"
                          .formatted(event.index(), event.timeNanos() / 1e9, what));
      if (early.isPresent()) {
        return early;
      }
      for (String row : areRowsSeen ? rowsSeenOnPrimary(event) : List.<String>of()) {
        Event<UntypedCall> write = writes.get(row);
        if (write == null || write.index() < event.index()) {
          continue;
        }
        Optional<String> what = missing(write, event.timeNanos(), namesChange, startNanos);
        if (what.isPresent()) {
          return Optional.of(
              "event %d saw a row on the primary at %.6f s whose transaction (event %d) still"
                      .formatted(event.index(), event.timeNanos() / 1e9, write.index())
                  + " waited, "
                  + what.get());
        }
      }
    }
    return Optional.empty();
  }

  /** The last acknowledged write of each row, but of rows that a call without xid may insert. */
  private static Map<String, Event<UntypedCall>> writes(List<Event<UntypedCall>> events) {
    Map<String, Event<UntypedCall>> writes = new HashMap<>();
    for (Event<UntypedCall> event : events) {
      if (event instanceof Event.Ok) {
        row(event).ifPresent(row -> writes.put(row, event));
      }
    }
    events.forEach(event -> unnumbered(event).ifPresent(writes::remove));
    return writes;
  }

  /** What a commit that was told of by then lacked; empty if nothing, or if that is not known. */
  private Optional<String> missing(
      Event<UntypedCall> commit, long byNanos, boolean namesChange, long startNanos) {
    Details details = commit.details();
    if (details.xid().isEmpty()
        || details.timeline().isEmpty()
        || details.synchronousCommit().isEmpty()
        || details.standbyNames().isEmpty()
        || details.unreplicated()) {
      return Optional.empty();
    }
    CommitLevel level = CommitLevel.parse(details.synchronousCommit().get());
    StandbyRule rule = rules.computeIfAbsent(details.standbyNames().get(), StandbyRule::parse);
    int required = namesChange ? Math.min(1, rule.count()) : rule.count();
    int timeline = details.timeline().getAsInt();
    Long end = ends.get(new Place(timeline, (int) details.xid().getAsLong()));
    if (level.compareTo(CommitLevel.REMOTE_WRITE) < 0 || required == 0 || end == null) {
      return Optional.empty();
    }
    Map<String, Long> reported = new TreeMap<>();
    int have = 0;
    for (Map.Entry<String, Map<Integer, Reports>> each : reports.entrySet()) {
      String standby = each.getKey();
      Reports told = each.getValue().get(timeline);
      if (told == null
          || details.node().equals(Optional.of(standby))
          || !(namesChange || rule.lists(standby))) {
        continue;
      }
      long most = told.by(byNanos + startNanos, level);
      if (Long.compareUnsigned(most, end) >= 0) {
        have++;
      } else {
        reported.put(standby, most);
      }
    }
    if (have >= required) {
      return Optional.empty();
    }
    List<String> others = new ArrayList<>();
    reported.forEach((standby, most) -> others.add(standby + " " + new Lsn(most)));
    return Optional.of(
        "at level %s with %s, when %d of the %d standbys that it waits for had reported its commit"
                .formatted(level.word(), rule, have, required)
            + " record, which ends at %s, as %s (xid %d, timeline %d; %s)"
                .formatted(
                    new Lsn(end),
                    switch (level) {
                      case OFF, LOCAL, REMOTE_WRITE -> "written";
                      case ON -> "flushed";
                      case REMOTE_APPLY -> "applied";
                    },
                    details.xid().getAsLong(),
                    timeline,
                    others.isEmpty() ? "no other standby" : String.join(", ", others)));
  }

  /**
   * The row that a call inserts, with what stands before its name: {@code :write [key value]},
   * {@code :insert value}, {@code :vanish value}.
   */
  private static Optional<String> row(Event<UntypedCall> event) {
    return switch (plain(event)) {
      case "write", "insert", "vanish" ->
          Optional.of(before(event) + EdnWriter.print(event.call().value()));
      default -> Optional.empty();
    };
  }

  /** The row that a call {@code :ensure [value n]} may insert without telling its xid. */
  private static Optional<String> unnumbered(Event<UntypedCall> event) {
    return plain(event).equals("ensure")
            && event.call().value() instanceof Edn.Vector(List<Edn> pair)
            && !pair.isEmpty()
        ? Optional.of(before(event) + EdnWriter.print(pair.getFirst()))
        : Optional.empty();
  }

  /**
   * The rows that were seen on the primary: of a call {@code :read [key [value ...]]} that says so,
   * and of {@code :peek [value ...]}.
   */
  private static List<String> rowsSeenOnPrimary(Event<UntypedCall> event) {
    if (!isOfRowsSeen(event) || !(event.call().value() instanceof Edn.Vector(List<Edn> value))) {
      return List.of();
    }
    String before = before(event);
    if (is(event, "peek")) {
      return value.stream().map(row -> before + EdnWriter.print(row)).toList();
    }
    if (value.size() != 2 || !(value.get(1) instanceof Edn.Vector(List<Edn> values))) {
      return List.of();
    }
    return values.stream()
        .map(each -> before + EdnWriter.print(new Edn.Vector(List.of(value.get(0), each))))
        .toList();
  }

  /** Whether this is the function's name without the workload's. */
  private static boolean is(Event<UntypedCall> event, String plain) {
    String function = event.call().name();
    int before = function.length() - plain.length();
    return function.endsWith(plain) && (before == 0 || function.charAt(before - 1) == '/');
  }

  /** Whether the event may say which rows were seen on the primary. */
  private static boolean isOfRowsSeen(Event<UntypedCall> event) {
    return is(event, "peek")
        || is(event, "read")
            && event.details().unknown().get("role").equals(Edn.keyword("primary"));
  }

  /** The function's name without the workload's, which stands before a slash. */
  private static String plain(Event<UntypedCall> event) {
    String function = event.call().name();
    return function.substring(function.lastIndexOf('/') + 1);
  }

  private static String before(Event<UntypedCall> event) {
    String function = event.call().name();
    return function.substring(0, function.lastIndexOf('/') + 1);
  }
}
