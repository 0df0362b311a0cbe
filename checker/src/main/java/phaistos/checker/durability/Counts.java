package phaistos.checker.durability;

import java.util.EnumMap;
import java.util.Map;

/** The number of transactions of each judgement. Unmodifiable once built. */
public record Counts(Map<Judgement, Integer> byJudgement, int unidentified) {
  /** Of no transaction. */
  public static final Counts NONE = new Counts(Map.of(), 0);

  public Counts {
    byJudgement = Map.copyOf(byJudgement);
  }

  static Counts of(int[] counts, int unidentified) {
    Map<Judgement, Integer> map = new EnumMap<>(Judgement.class);
    for (Judgement judgement : Judgement.values()) {
      map.put(judgement, counts[judgement.ordinal()]);
    }
    return new Counts(map, unidentified);
  }

  public int of(Judgement judgement) {
    return byJudgement.getOrDefault(judgement, 0);
  }

  /** Acknowledged commits. */
  public int acknowledged() {
    return confirmed()
        + of(Judgement.LOST)
        + of(Judgement.LOST_AS_ALLOWED)
        + of(Judgement.NOT_CHOSEN_BY_RECOVERY)
        + of(Judgement.NOT_JUDGED);
  }

  /** Acknowledged commits that are on all nodes that owe them. */
  public int confirmed() {
    return of(Judgement.CONFIRMED) + of(Judgement.CONFIRMED_BY_COMMIT_LOG);
  }

  public int lost() {
    return of(Judgement.LOST);
  }

  public int lostAsAllowed() {
    return of(Judgement.LOST_AS_ALLOWED);
  }

  public int rolledBack() {
    return of(Judgement.ROLLED_BACK) + of(Judgement.ROLLED_BACK_YET_COMMITTED);
  }

  public int indeterminate() {
    return of(Judgement.RECOVERED) + of(Judgement.DID_NOT_HAPPEN) + of(Judgement.UNDECIDED);
  }
}
