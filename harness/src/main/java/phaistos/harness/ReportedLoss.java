package phaistos.harness;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import phaistos.checker.Verdict;
import phaistos.harness.run.LivenessProbe;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * What the database itself says it has lost. A healed primary that accepts writes must answer the
 * final reads. One that says that a table is not there, a file is missing or data is corrupted has
 * lost what was acknowledged.
 */
final class ReportedLoss {
  /** undefined_table, undefined_file, data_corrupted, index_corrupted. */
  private static final Set<String> LOSSES = Set.of("42P01", "58P01", "XX001", "XX002");

  private ReportedLoss() {}

  /**
   * @param finalReads the functions that read everything from the primary at the end
   */
  static Verdict judge(History<UntypedCall> history, List<String> finalReads) {
    Map<String, String> failed = new TreeMap<>();
    Set<String> succeeded = new HashSet<>();
    boolean isHealed = false;
    for (Event<UntypedCall> event : history.events()) {
      String function = event.call().name();
      isHealed |=
          function.equals(LivenessProbe.LIVENESS)
              && event.call().value() instanceof Edn.Table value
              && value.get("writes").equals(Edn.TRUE);
      if (!isHealed || !event.isClient() || !finalReads.contains(function)) {
        continue;
      }
      if (event instanceof Event.Ok) {
        succeeded.add(function);
      }
      loss(event).ifPresent(loss -> failed.putIfAbsent(function, loss));
    }
    failed.keySet().removeAll(succeeded);
    return failed.isEmpty()
        ? Verdict.VALID
        : new Verdict.Invalid(
            "what was acknowledged is gone: " + failed.values().iterator().next());
  }

  private static Optional<String> loss(Event<UntypedCall> event) {
    return event.details().error().orElse(Edn.NIL) instanceof Edn.Vector(List<Edn> error)
            && error.size() == 3
            && error.get(1) instanceof Edn.Text(String state)
            && error.get(2) instanceof Edn.Text(String message)
            && LOSSES.contains(state)
        ? Optional.of(
            "no %s succeeds after the recovery; event %d: %s %s"
                .formatted(event.call().name(), event.index(), state, message))
        : Optional.empty();
  }
}
