package phaistos.workloads.catalogue;

import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;
import phaistos.workloads.Owed;
import phaistos.workloads.journal.JournaledWorkload;

/**
 * Judges a workload's own history, without the reads of the journal. If acknowledged transactions
 * need not survive the faults of a run (levels below {@code on}, a wait that was cut short), their
 * loss may explain a contradiction: the verdict is then unknown and says so.
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
      long notOwed = history.events().stream().filter(OwedOnly::isLosable).count();
      Verdict verdict =
          result.verdict() instanceof Verdict.Invalid(String evidence) && notOwed > 0
              ? new Verdict.Unknown(
                  evidence
                      + " (but "
                      + notOwed
                      + " acknowledged transactions need not survive: their level or a wait that"
                      + " was cut short)")
              : result.verdict();
      return new OwedOnly(verdict, result);
    };
  }

  private static boolean isLosable(Event<UntypedCall> event) {
    return event instanceof Event.Ok
        && event.details().marker().isPresent()
        && !Owed.survivesPowerCut(event.details());
  }
}
