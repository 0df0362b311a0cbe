package phaistos.checker.durability;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;

/**
 * Extracts from a history, event by event, the transactions that should have left traces in the
 * files. Keeps these and the open calls, not the events. Not thread-safe.
 */
public final class ClaimReader {
  private static final long NEVER_INVOKED = -1;

  private final AuditInput input;
  private final long until;
  private final List<Claim> claims = new ArrayList<>();
  private final Map<Process, Event<?>> open = new HashMap<>();
  private final Map<String, Promise> promises = new HashMap<>();
  private final Map<String, String> names = new HashMap<>();
  private int unidentified;
  private int assumed;

  public ClaimReader(AuditInput input) {
    this.input = input;
    this.until = input.until().orElse(Long.MAX_VALUE);
  }

  /** All claims of a history. */
  public static Claims read(History<?> history, AuditInput input) {
    ClaimReader reader = new ClaimReader(input);
    for (Event<?> event : history.events()) {
      try {
        reader.add(event);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("event " + event.index() + ": " + e.getMessage(), e);
      }
    }
    return reader.finish();
  }

  /**
   * The next event, in the order of their indices.
   *
   * @throws IllegalArgumentException if a marker, a level or a list of standbys cannot be read, or
   *     if a process invokes while its call is open
   */
  public void add(Event<?> event) {
    if (!event.isClient()) {
      if (isAcknowledgement(event)) {
        addAlone(event);
      }
      return;
    }
    if (event.isInvoke()) {
      if (event.index() < until && open.put(event.process(), event) != null) {
        throw new IllegalArgumentException(event.process() + " invokes while its call is open");
      }
      return;
    }
    if (event.index() >= until) {
      return;
    }
    Event<?> invocation = open.remove(event.process());
    if (invocation != null) {
      add(invocation, event);
    } else {
      addAlone(event);
    }
  }

  /** An event without a process that describes a transaction. */
  private static boolean isAcknowledgement(Event<?> event) {
    Details details = event.details();
    return event.process() instanceof Process.Nemesis nobody
        && nobody.name().equals("nil")
        && !event.isInvoke()
        && (details.xid().isPresent() || details.lsn().isPresent() || details.marker().isPresent());
  }

  /** A completion without an invocation is an operation whose start is unknown. */
  private void addAlone(Event<?> event) {
    if (event.index() < until) {
      add(claim(event, event, NEVER_INVOKED));
    }
  }

  /** Called after the last event. */
  public Claims finish() {
    open.values().stream()
        .sorted(Comparator.comparingLong(Event::index))
        .forEach(invocation -> add(invocation, invocation));
    open.clear();
    return new Claims(claims, unidentified, assumed);
  }

  private void add(Event<?> invocation, Event<?> last) {
    add(claim(invocation, last, invocation.index()));
  }

  private void add(Claim claim) {
    if (claim.xid() != 0 || claim.isIdentifiable()) {
      claims.add(claim);
      assumed += claim.promise().assumed() ? 1 : 0;
    } else if (claim.outcome() == Outcome.ACKNOWLEDGED) {
      unidentified++;
    }
  }

  private Claim claim(Event<?> invocation, Event<?> last, long invocationIndex) {
    Details asked = invocation.details();
    Details told = last.details();
    Optional<Edn> marker = told.marker().or(asked::marker);
    Outcome outcome =
        switch (last) {
          case Event.Ok<?> _ -> Outcome.ACKNOWLEDGED;
          case Event.Fail<?> _ -> Outcome.ROLLED_BACK;
          case Event.Info<?> _, Event.Invoke<?> _ -> Outcome.INDETERMINATE;
        };
    return new Claim(
        last.index(),
        invocationIndex,
        last.timeNanos(),
        outcome,
        told.xid().orElse(asked.xid().orElse(0)),
        told.timeline().orElse(asked.timeline().orElse(0)),
        told.lsn().orElse(asked.lsn().orElse(0)),
        names.computeIfAbsent(told.node().or(asked::node).orElse(""), name -> name),
        marker.map(Marker::listOf).orElse(List.of()),
        promise(
            told.synchronousCommit().or(asked::synchronousCommit),
            told.standbyNames().or(asked::standbyNames),
            told.unreplicated()));
  }

  /** Promises repeat; each is kept once. */
  private Promise promise(Optional<String> level, Optional<String> standbys, boolean unreplicated) {
    String key = level.orElse("?") + "\n" + standbys.orElse("?") + "\n" + unreplicated;
    Promise known = promises.get(key);
    if (known != null) {
      return known;
    }
    CommitLevel promised = level.map(CommitLevel::parse).orElse(input.defaultLevel());
    boolean needsStandbys = promised.waitsForStandbys() && !unreplicated;
    Optional<StandbyRule> rule = standbys.map(StandbyRule::parse).or(input::defaultStandbys);
    Promise promise =
        new Promise(
            promised,
            rule.orElse(input.hasStandbys() ? StandbyRule.parse("*") : StandbyRule.NONE),
            unreplicated,
            level.isEmpty() || (needsStandbys && rule.isEmpty()));
    promises.put(key, promise);
    return promise;
  }
}
