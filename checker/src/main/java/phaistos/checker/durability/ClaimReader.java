package phaistos.checker.durability;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;

/** Takes from a history the transactions that left, or should have left, something in the files. */
final class ClaimReader {
  /**
   * @param claims in the order of their invocations
   * @param unidentified ok operations that carry neither xid nor marker nor LSN: not audited
   * @param assumed claims whose promise the history does not say in full
   */
  record Claims(List<Claim> claims, int unidentified, int assumed) {}

  private final AuditInput input;
  private final Map<String, Promise> promises = new HashMap<>();
  private final Map<String, String> names = new HashMap<>();
  private int assumed;

  ClaimReader(AuditInput input) {
    this.input = input;
  }

  /**
   * @throws IllegalArgumentException naming the event, if a marker, a level or a list of standbys
   *     cannot be read
   */
  Claims read(History<?> history) {
    long until = input.until().orElse(Long.MAX_VALUE);
    List<Claim> claims = new ArrayList<>();
    int unidentified = 0;
    List<? extends Event<?>> events = history.events();
    for (int i = 0; i < events.size(); i++) {
      Event<?> event = events.get(i);
      if (!event.isClient() || !event.isInvoke() || event.index() >= until) {
        continue;
      }
      Optional<? extends Event<?>> completion =
          history.completionOf(i).filter(done -> done.index() < until);
      Event<?> last = completion.isPresent() ? completion.get() : event;
      try {
        Claim claim = claim(event, last);
        if (claim.xid() != 0 || claim.isIdentifiable()) {
          claims.add(claim);
          assumed += claim.promise().assumed() ? 1 : 0;
        } else if (claim.outcome() == Outcome.ACKNOWLEDGED) {
          unidentified++;
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("event " + last.index() + ": " + e.getMessage(), e);
      }
    }
    return new Claims(List.copyOf(claims), unidentified, assumed);
  }

  private Claim claim(Event<?> invocation, Event<?> last) {
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
        invocation.index(),
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
  private Promise promise(
      Optional<String> level, Optional<String> standbys, boolean unreplicated) {
    String key = level.orElse("?") + "\n" + standbys.orElse("?") + "\n" + unreplicated;
    return promises.computeIfAbsent(
        key,
        _ -> {
          CommitLevel promised = level.map(CommitLevel::parse).orElse(input.defaults().level());
          boolean needsStandbys = promised.waitsForStandbys() && !unreplicated;
          Optional<StandbyRule> rule =
              standbys.map(StandbyRule::parse).or(() -> input.defaults().standbys());
          return new Promise(
              promised,
              rule.orElse(input.hasStandbys() ? StandbyRule.parse("*") : StandbyRule.NONE),
              unreplicated,
              level.isEmpty() || (needsStandbys && rule.isEmpty()));
        });
  }
}
