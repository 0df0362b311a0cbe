package phaistos.checker.pages;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Joins losses to faults in sentences: "all 73 commits acknowledged after n1 was cut from n2 and n3
 * at 50.43 s are lost; none before". A loss belongs to the fault that began last of those under way
 * when its commit was acknowledged, or else to the next fault that takes a node away. This is a
 * neighbourhood in time, and no proof of a cause. Times are nanoseconds since the start of the run.
 */
public final class LossJoin {
  private static final double NANOS = 1e9;
  private static final int SENTENCES_MAX = 3;

  /** Faults that take what a node holds. */
  private static final Set<String> TAKES = Set.of("kill", "crash", "crash-all", "failover");

  private final List<FaultSpans.Timed> faults;
  private final long[] acknowledged;
  private final long[] lost;

  /**
   * @param acknowledged when each commit was acknowledged, ascending; the lost ones included
   * @param lost when each lost commit was acknowledged, ascending
   */
  public LossJoin(List<FaultSpans.Timed> faults, long[] acknowledged, long[] lost) {
    this.faults = faults;
    this.acknowledged = acknowledged;
    this.lost = lost;
  }

  private record Group(FaultSpans.Timed fault, boolean isUnderWay, List<Long> losses) {}

  /** The sentences, at most three; none if nothing is lost or the history has no times. */
  public List<String> sentences() {
    Optional<String> all = allSince();
    if (all.isPresent()) {
      return List.of(all.get());
    }
    Map<FaultSpans.Timed, Group> groups = new LinkedHashMap<>();
    List<Long> alone = new ArrayList<>();
    for (long time : lost) {
      if (time >= 0) {
        group(time, groups, alone);
      }
    }
    List<String> sentences = new ArrayList<>();
    groups.values().forEach(group -> sentences.add(sentence(group)));
    if (!alone.isEmpty()) {
      sentences.add(
          "%s acknowledged from %s on %s lost, with no fault under way and none after"
              .formatted(commits(alone.size()), at(alone.getFirst()), are(alone.size())));
    }
    if (sentences.size() > SENTENCES_MAX) {
      int more = sentences.size() - SENTENCES_MAX + 1;
      List<String> first = new ArrayList<>(sentences.subList(0, SENTENCES_MAX - 1));
      first.add("losses at %d more faults are in the table".formatted(more));
      return first;
    }
    return sentences;
  }

  /** The one sentence if from a fault on every commit is lost, whatever came later. */
  private Optional<String> allSince() {
    if (lost.length == 0 || lost[0] < 0) {
      return Optional.empty();
    }
    long first = lost[0];
    FaultSpans.Timed last = null;
    for (FaultSpans.Timed fault : faults) {
      boolean isUnderWay = first <= fault.toNanos();
      if (fault.fromNanos() <= first && (isUnderWay || TAKES.contains(fault.span().kind()))) {
        last = fault;
      }
    }
    boolean isAll = count(acknowledged, first, Long.MAX_VALUE) == lost.length;
    if (last == null || !isAll) {
      return Optional.empty();
    }
    long since = last.toNanos() < first ? last.toNanos() : last.fromNanos();
    return count(acknowledged, since, first - 1) > 0
        ? Optional.empty()
        : Optional.of(
            "%s acknowledged after %s at %s %s lost; none before"
                .formatted(
                    lost.length == 1 ? "the one commit" : "all " + commits(lost.length),
                    FaultWords.clause(last.span()),
                    at(last.fromNanos()),
                    are(lost.length)));
  }

  private void group(long time, Map<FaultSpans.Timed, Group> groups, List<Long> alone) {
    FaultSpans.Timed best = null;
    for (FaultSpans.Timed fault : faults) {
      if (fault.fromNanos() <= time && time <= fault.toNanos() && fault.toNanos() > 0) {
        best = fault;
      }
    }
    boolean underWay = best != null;
    if (best == null) {
      for (FaultSpans.Timed fault : faults) {
        if (fault.fromNanos() >= time && TAKES.contains(fault.span().kind())) {
          best = fault;
          break;
        }
      }
    }
    if (best == null) {
      alone.add(time);
    } else {
      groups
          .computeIfAbsent(best, fault -> new Group(fault, underWay, new ArrayList<>()))
          .losses
          .add(time);
    }
  }

  private String sentence(Group group) {
    long from = group.fault.fromNanos();
    int size = group.losses.size();
    String what = FaultWords.clause(group.fault.span());
    if (!group.isUnderWay) {
      return "%s acknowledged in the last %s s before %s at %s %s lost"
          .formatted(
              commits(size),
              number((from - group.losses.getFirst()) / NANOS, 3),
              what,
              at(from),
              are(size));
    }
    long last = group.losses.getLast();
    int all = count(acknowledged, from, last);
    boolean later = count(acknowledged, last + 1, group.fault.toNanos()) > 0;
    boolean noneBefore = lost[0] >= from;
    String scope =
        all == size && !later
            ? (size == 1 ? "the one commit" : "all " + commits(size))
            : "%,d of %s"
                .formatted(size, commits(count(acknowledged, from, group.fault.toNanos())));
    return "%s acknowledged after %s at %s %s lost%s"
        .formatted(scope, what, at(from), are(size), noneBefore ? "; none before" : "");
  }

  private static int count(long[] times, long from, long to) {
    int count = 0;
    for (long time : times) {
      count += time >= from && time <= to ? 1 : 0;
    }
    return count;
  }

  private static String commits(int count) {
    return count == 1 ? "1 commit" : "%,d commits".formatted(count);
  }

  private static String are(int count) {
    return count == 1 ? "is" : "are";
  }

  private static String at(long nanos) {
    return number(nanos / NANOS, 2) + " s";
  }

  private static String number(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
