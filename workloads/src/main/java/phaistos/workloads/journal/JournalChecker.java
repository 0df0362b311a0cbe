package phaistos.workloads.journal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Operation;
import phaistos.histories.UntypedCall;
import phaistos.workloads.Owed;

/**
 * Compares what was acknowledged with the journal as it is at the end. Every final read of the
 * primary must hold the marker of every transaction that was acknowledged and owed, and so must a
 * read of a standby: the standbys have caught up by then. No read may hold a marker of a
 * transaction that failed, or that nobody wrote.
 *
 * @param workload the beginning of its markers; others are of workloads that run beside it
 */
record JournalChecker(String workload) implements Checker<UntypedCall, JournalChecker.Report> {
  private static final int EVIDENCE_MAX = 10;

  /**
   * @param owed acknowledged transactions that a standby had to have
   * @param notOwed the other acknowledged ones
   * @param finalReads reads of the primary that succeeded
   * @param lost owed markers that a read lacks; at most ten
   * @param unexpected markers that were read although their transaction failed or never existed; at
   *     most ten
   */
  record Report(
      Verdict verdict,
      int owed,
      int notOwed,
      int finalReads,
      List<String> lost,
      List<String> unexpected)
      implements Result {}

  @Override
  public Report check(History<UntypedCall> history, CheckContext context) {
    Map<Edn, Operation<UntypedCall>> writers = new HashMap<>();
    LinkedHashMap<Edn, Operation<UntypedCall>> owed = new LinkedHashMap<>();
    List<Event<UntypedCall>> reads = new ArrayList<>();
    int written = 0;
    int notOwed = 0;
    int finalReads = 0;
    for (Operation<UntypedCall> operation : history.operations()) {
      Optional<Event<UntypedCall>> end = operation.completion();
      String f = operation.call().name();
      if (Journal.isRead(operation.call())) {
        end.filter(e -> e instanceof Event.Ok).ifPresent(reads::add);
        finalReads += operation.isOk() && f.equals(Journal.FINAL_READ) ? 1 : 0;
        continue;
      }
      Optional<Edn> marker = end.flatMap(e -> e.details().marker());
      marker.ifPresent(m -> writers.put(m, operation));
      if (marker.isPresent() && operation.isOk()) {
        if (Owed.survivesPowerCut(end.get().details())) {
          owed.put(marker.get(), operation);
        } else if (Owed.isOwed(end.get().details())) {
          written++;
        } else {
          notOwed++;
        }
      }
    }
    List<String> lost = new ArrayList<>();
    List<String> unexpected = new ArrayList<>();
    reads.forEach(read -> compare(read, writers, owed, lost, unexpected));
    return new Report(
        verdict(lost, unexpected, finalReads, owed.size() + written + notOwed),
        owed.size(),
        notOwed,
        finalReads,
        lost,
        unexpected);
  }

  private void compare(
      Event<UntypedCall> read,
      Map<Edn, Operation<UntypedCall>> writers,
      Map<Edn, Operation<UntypedCall>> owed,
      List<String> lost,
      List<String> unexpected) {
    boolean isStandby = read.call().name().equals(Journal.STANDBY_READ);
    Edn values = isStandby ? StandbyRead.values(read.call()) : read.call().value();
    Set<Edn> found = new HashSet<>(values.elements());
    String where =
        (isStandby ? "standby " + StandbyRead.node(read.call()) : "the primary")
            + " (event "
            + read.index()
            + ")";
    owed.forEach(
        (marker, writer) -> {
          if (!found.contains(marker) && lost.size() < EVIDENCE_MAX) {
            lost.add(describe(marker, writer) + ", and the final read of " + where + " lacks it");
          }
        });
    for (Edn marker : values.elements()) {
      if (!(marker instanceof Edn.Text(String text)) || !text.startsWith(workload + "-")) {
        continue;
      }
      Operation<UntypedCall> writer = writers.get(marker);
      if ((writer == null || writer.isFail()) && unexpected.size() < EVIDENCE_MAX) {
        unexpected.add(
            (writer == null
                    ? "marker " + EdnWriter.print(marker) + " of no transaction"
                    : describe(marker, writer))
                + ", and the final read of "
                + where
                + " holds it");
      }
    }
  }

  private static String describe(Edn marker, Operation<UntypedCall> writer) {
    Event<UntypedCall> end = writer.completion().orElseThrow();
    StringBuilder text = new StringBuilder("marker ").append(EdnWriter.print(marker));
    text.append(" of event ").append(end.index()).append(" (").append(end.type());
    end.details().xid().ifPresent(xid -> text.append(", xid ").append(xid));
    end.details().node().ifPresent(node -> text.append(", node ").append(node));
    return text.append(")").toString();
  }

  private static Verdict verdict(
      List<String> lost, List<String> unexpected, int finalReads, int acknowledged) {
    if (!lost.isEmpty()) {
      return new Verdict.Invalid("lost: " + lost.getFirst());
    }
    if (!unexpected.isEmpty()) {
      return new Verdict.Invalid("unexpected: " + unexpected.getFirst());
    }
    if (finalReads == 0) {
      return new Verdict.Unknown("no final read of the journal on the primary");
    }
    if (acknowledged == 0) {
      return new Verdict.Unknown("no acknowledged commit");
    }
    return Verdict.VALID;
  }
}
