package phaistos.workloads.commits;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.histories.Details;
import phaistos.histories.History;
import phaistos.histories.Operation;
import phaistos.workloads.Owed;
import phaistos.workloads.commits.CommitsCall.FinalRead;
import phaistos.workloads.commits.CommitsCall.InsertMany;
import phaistos.workloads.commits.CommitsCall.InsertOne;
import phaistos.workloads.commits.CommitsCall.Rollback;
import phaistos.workloads.commits.CommitsCall.StandbyRead;

/**
 * Finds lost commits in what the clients read. Every final read must hold every value whose commit
 * was acknowledged and owed. It must hold no value of a transaction that failed or rolled back, and
 * no value that was never written. Of each transaction it must hold all rows or none. A commit is
 * owed if it waited for a standby: its level is not off or local, standby names were set, and its
 * wait was not cut short. If the history does not say, it is owed. At remote_write it may be lost
 * by the power cut with which a run ends. Another checker judges the nodes' files.
 */
public final class CommitsChecker implements Checker<CommitsCall, CommitsChecker.Report> {
  private static final int EVIDENCE_MAX = 10;

  /**
   * @param owed acknowledged and owed values
   * @param notOwed acknowledged values that no standby had to have
   * @param recovered values of indeterminate transactions that were found
   * @param finalReads reads of the primary that succeeded
   * @param lost owed values that a final read lacks; at most ten
   * @param unexpected values that were read although their transaction failed, rolled back or never
   *     existed; at most ten
   * @param torn values of transactions of which only a part was read; at most ten
   */
  public record Report(
      Verdict verdict,
      int owed,
      int notOwed,
      int recovered,
      int finalReads,
      List<Long> lost,
      List<Long> unexpected,
      List<Long> torn)
      implements Result {}

  @Override
  public Report check(History<CommitsCall> history, CheckContext context) {
    Tally tally = new Tally();
    history.operations().forEach(tally::add);
    tally.reads.forEach(tally::compare);
    return tally.report(history.size());
  }

  /** What was written, and which of it the reads saw. */
  private static final class Tally {
    private final Map<Long, Operation<CommitsCall>> writerOf = new HashMap<>();
    private final List<Operation<CommitsCall>> many = new ArrayList<>();
    private final List<Operation<CommitsCall>> reads = new ArrayList<>();
    private final Set<Long> owed = new TreeSet<>();
    private final Set<Long> lost = new TreeSet<>();
    private final Set<Long> unexpected = new TreeSet<>();
    private final Set<Long> torn = new TreeSet<>();
    private final Set<Long> recovered = new HashSet<>();
    private int writtenOnly;
    private int notOwed;
    private int finalReads;

    void add(Operation<CommitsCall> operation) {
      CommitsCall call = operation.call();
      call.written().forEach(value -> writerOf.put(value, operation));
      if (call instanceof InsertMany) {
        many.add(operation);
      }
      if (!operation.isOk()) {
        return;
      }
      switch (call) {
        case InsertOne _, InsertMany _ -> {
          Details details = operation.completion().orElseThrow().details();
          if (Owed.survivesPowerCut(details)) {
            owed.addAll(call.written());
          } else if (Owed.isOwed(details)) {
            writtenOnly += call.written().size();
          } else {
            notOwed += call.written().size();
          }
        }
        case Rollback _ -> {}
        case FinalRead _ -> {
          finalReads++;
          reads.add(operation);
        }
        case StandbyRead _ -> reads.add(operation);
      }
    }

    void compare(Operation<CommitsCall> read) {
      Set<Long> found = new HashSet<>(read.call().read());
      if (read.call() instanceof FinalRead) {
        owed.stream().filter(value -> !found.contains(value)).forEach(lost::add);
      }
      for (long value : found) {
        Operation<CommitsCall> writer = writerOf.get(value);
        if (writer == null || writer.isFail() || writer.call() instanceof Rollback) {
          unexpected.add(value);
        } else if (writer.isIndeterminate()) {
          recovered.add(value);
        }
      }
      for (Operation<CommitsCall> writer : many) {
        List<Long> values = writer.call().written();
        long present = values.stream().filter(found::contains).count();
        if (present > 0 && present < values.size()) {
          torn.addAll(values);
        }
      }
    }

    Report report(int events) {
      return new Report(
          verdict(events),
          owed.size(),
          notOwed,
          recovered.size(),
          finalReads,
          first(lost),
          first(unexpected),
          first(torn));
    }

    private Verdict verdict(int events) {
      if (!lost.isEmpty()) {
        long value = lost.iterator().next();
        return new Verdict.Invalid(
            "lost: "
                + describe(value)
                + ", and a final read of the primary does not hold it; "
                + lost.size()
                + " of "
                + owed.size()
                + " values are lost");
      }
      if (!unexpected.isEmpty()) {
        long value = unexpected.iterator().next();
        return new Verdict.Invalid(
            writerOf.containsKey(value)
                ? "unexpected: " + describe(value) + ", and a read holds it"
                : "unexpected: value " + value + " was read, and nobody wrote it");
      }
      if (!torn.isEmpty()) {
        long value = torn.iterator().next();
        return new Verdict.Invalid(
            "torn: " + describe(value) + ", and a read holds only some of its rows");
      }
      if (finalReads == 0) {
        return new Verdict.Unknown("no final read of the primary: events=" + events);
      }
      if (owed.isEmpty() && writtenOnly == 0 && notOwed == 0) {
        return new Verdict.Unknown("no acknowledged commit");
      }
      return Verdict.VALID;
    }

    private String describe(long value) {
      Operation<CommitsCall> writer = writerOf.get(value);
      StringBuilder text = new StringBuilder("value ").append(value);
      text.append(" of event ").append(writer.invocation().index());
      writer
          .completion()
          .ifPresent(
              end -> {
                text.append(" (").append(end.type());
                end.details().xid().ifPresent(xid -> text.append(", xid ").append(xid));
                end.details().node().ifPresent(node -> text.append(", node ").append(node));
                text.append(")");
              });
      String did = writer.call() instanceof Rollback ? " was rolled back" : " was inserted";
      return text.append(did).toString();
    }
  }

  private static List<Long> first(Set<Long> values) {
    return values.stream().limit(EVIDENCE_MAX).toList();
  }
}
