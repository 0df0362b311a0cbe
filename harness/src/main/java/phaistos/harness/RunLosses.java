package phaistos.harness;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.durability.AuditReport;
import phaistos.checker.durability.Judgement;
import phaistos.checker.durability.Outcome;
import phaistos.checker.durability.TransactionFinding;
import phaistos.checker.pages.FaultSpans;
import phaistos.checker.pages.LossJoin;
import phaistos.harness.run.ReplicationMessage;

/**
 * The acknowledged commits that an audit found lost.
 *
 * @param events indices of their completions
 * @param lostNanos when they were acknowledged, ascending
 * @param acknowledgedNanos when every commit was acknowledged, ascending
 */
record RunLosses(Set<Long> events, long[] lostNanos, long[] acknowledgedNanos) {
  private static final long AROUND_NANOS = 3_000_000_000L;
  private static final int MESSAGES_MAX = 8_000;

  /** Of the first audit that found any. */
  static RunLosses of(List<RunJudge.Part> parts) {
    for (RunJudge.Part part : parts) {
      if (part.audit().isPresent() && part.audit().get().counts().lost() > 0) {
        return of(part.audit().get());
      }
    }
    return new RunLosses(Set.of(), new long[0], new long[0]);
  }

  private static RunLosses of(AuditReport audit) {
    Set<Long> events = new LinkedHashSet<>();
    List<Long> lost = new ArrayList<>();
    for (TransactionFinding finding : audit.problems()) {
      if (finding.judgement() == Judgement.LOST) {
        events.add(finding.claim().index());
        lost.add(finding.claim().timeNanos());
      }
    }
    List<Long> acknowledged = new ArrayList<>();
    audit
        .transactions()
        .forEach(
            finding -> {
              if (finding.claim().outcome() == Outcome.ACKNOWLEDGED) {
                acknowledged.add(finding.claim().timeNanos());
              }
            });
    return new RunLosses(events, ascending(lost), ascending(acknowledged));
  }

  private static long[] ascending(List<Long> times) {
    return times.stream().mapToLong(Long::longValue).sorted().toArray();
  }

  /** When the first lost commit was acknowledged; empty if none was lost or it has no time. */
  Optional<Long> firstNanos() {
    for (long time : lostNanos) {
      if (time >= 0) {
        return Optional.of(time);
      }
    }
    return Optional.empty();
  }

  /** The messages shortly before and after the first loss; none if there is no loss. */
  List<ReplicationMessage> around(List<ReplicationMessage> messages) {
    Optional<Long> first = firstNanos();
    if (first.isEmpty()) {
      return List.of();
    }
    return messages.stream()
        .filter(each -> Math.abs(each.timeNanos() - first.get()) < AROUND_NANOS)
        .limit(MESSAGES_MAX)
        .toList();
  }

  /** Losses joined with faults, in sentences. */
  List<String> sentences(List<FaultSpans.Timed> faults) {
    return new LossJoin(faults, acknowledgedNanos, lostNanos).sentences();
  }
}
