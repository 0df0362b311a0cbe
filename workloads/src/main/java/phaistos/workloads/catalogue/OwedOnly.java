package phaistos.workloads.catalogue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Operation;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.workloads.Owed;
import phaistos.workloads.journal.Journal;
import phaistos.workloads.journal.JournaledWorkload;

/**
 * Judges a workload's own history, without the reads of the journal. Some acknowledged transactions
 * need not survive the faults of a run: those of levels below {@code on}, and those whose wait was
 * cut short. Their markers tell which of them did: what a transaction has seen is before it in the
 * WAL, so one whose marker is in the journal at the end did not build on a lost one. If the history
 * contradicts the claim, it is judged again with those that are gone as indeterminate. The verdict
 * is unknown if nobody read the journal at the end, or if there were reads without a marker before
 * that, of standbys for instance: those may have seen what is gone.
 *
 * @param inner the verdict of the check itself
 */
record OwedOnly(Verdict verdict, Result inner) implements Result {
  /** A check of a workload's own calls. */
  interface Check {
    Result check(History<UntypedCall> history, CheckContext context);
  }

  static Checker<UntypedCall, OwedOnly> of(Check check) {
    return (history, context) -> {
      Result result = check.check(JournaledWorkload.withoutJournal(history), context);
      if (!(result.verdict() instanceof Verdict.Invalid(String evidence))) {
        return new OwedOnly(result.verdict(), result);
      }
      Optional<Set<Edn>> left = left(history);
      long gone = history.events().stream().filter(event -> isGone(event, left)).count();
      if (gone == 0) {
        return new OwedOnly(result.verdict(), result);
      }
      if (left.isPresent() && !mayHaveSeenMore(history)) {
        History<UntypedCall> rest = JournaledWorkload.withoutJournal(inDoubt(history, left));
        Result again = check.check(rest, context);
        return new OwedOnly(again.verdict(), again);
      }
      String excuse =
          "%s (but %d acknowledged transactions %s: their level or a wait that was cut short)"
              .formatted(
                  evidence,
                  gone,
                  left.isPresent()
                      ? "are gone that need not survive, and reads without a marker may have seen"
                          + " them"
                      : "need not survive, and the journal was not read at the end");
      return new OwedOnly(new Verdict.Unknown(excuse), result);
    };
  }

  /** The markers of the last read of the primary's journal; empty if there was none. */
  private static Optional<Set<Edn>> left(History<UntypedCall> history) {
    return history.events().stream()
        .filter(event -> event instanceof Event.Ok)
        .filter(event -> event.call().name().equals(Journal.FINAL_READ))
        .map(event -> event.call().value())
        .reduce((_, last) -> last)
        .map(values -> new HashSet<>(values.elements()));
  }

  /** Whether a call without a marker began before the journal was read at the end. */
  private static boolean mayHaveSeenMore(History<UntypedCall> history) {
    for (Operation<UntypedCall> operation : history.operations()) {
      if (!operation.isOk()) {
        continue;
      }
      if (Journal.isRead(operation.call())) {
        return false;
      }
      if (operation.completion().orElseThrow().details().marker().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether an event acknowledges a transaction that need not survive and, as far as known, did
   * not.
   */
  private static boolean isGone(Event<UntypedCall> event, Optional<Set<Edn>> left) {
    Optional<Edn> marker = event.details().marker();
    return event instanceof Event.Ok
        && marker.isPresent()
        && !Owed.survivesPowerCut(event.details())
        && left.map(found -> !found.contains(marker.get())).orElse(true);
  }

  /**
   * The history in which the clients do not know whether the lost transactions happened. A process
   * ends with such a call; what it did later is another's.
   */
  private static History<UntypedCall> inDoubt(
      History<UntypedCall> history, Optional<Set<Edn>> left) {
    long next = 1;
    for (Event<UntypedCall> event : history.events()) {
      if (event.process() instanceof Process.Client(long id, Edn _)) {
        next = Math.max(next, id + 1);
      }
    }
    Map<Process, Process> heirs = new HashMap<>();
    Map<Process, UntypedCall> open = new HashMap<>();
    List<Event<UntypedCall>> events = new ArrayList<>();
    for (Event<UntypedCall> event : history.events()) {
      Process process = heirs.getOrDefault(event.process(), event.process());
      if (event.isInvoke()) {
        open.put(event.process(), event.call());
      }
      if (isGone(event, left)) {
        events.add(
            new Event.Info<>(
                event.index(),
                event.timeNanos(),
                process,
                open.getOrDefault(event.process(), event.call()),
                event.details()));
        heirs.put(event.process(), new Process.Client(next));
        next++;
      } else {
        events.add(by(process, event));
      }
    }
    return History.of(events);
  }

  private static Event<UntypedCall> by(Process process, Event<UntypedCall> event) {
    long index = event.index();
    long time = event.timeNanos();
    return switch (event) {
      case Event.Invoke<UntypedCall> e ->
          new Event.Invoke<>(index, time, process, e.call(), e.details());
      case Event.Ok<UntypedCall> e -> new Event.Ok<>(index, time, process, e.call(), e.details());
      case Event.Fail<UntypedCall> e ->
          new Event.Fail<>(index, time, process, e.call(), e.details());
      case Event.Info<UntypedCall> e ->
          new Event.Info<>(index, time, process, e.call(), e.details());
    };
  }
}
