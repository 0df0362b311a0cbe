package phaistos.checker.durability;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Claims of which the history has no xid, found by their markers alone. A distinctive marker is
 * found where it stands. A small number may stand in other columns by chance: it counts only if
 * there is one column in which most of the claims' markers stand, each in one commit. What is found
 * nowhere may still be a commit whose rows cannot be seen, if there is one between the commits
 * before and behind it. Not thread-safe.
 */
final class MarkerOnly {
  /** A commit of any xid that has a marker of a claim. */
  private record Candidate(int claim, int slot, CommitPlaces.Place at, long place) {}

  /** A commit that no claim names, whose rows cannot all be seen. */
  private record Suspect(CommitPlaces.Place at, String unseen) {}

  /** So many claims must be found in a column before small numbers there count. */
  private static final int COLUMN_MIN = 3;

  private static final int MAX_SUSPECTS = 1_000_000;

  private final List<Claim> claims;
  private final MarkerIndex markers;
  private final CommitPlaces places;
  private final MarkerPlaces columns;
  private final List<Candidate> candidates = new ArrayList<>();
  private final List<Suspect> suspects = new ArrayList<>();
  private final boolean isAny;

  MarkerOnly(List<Claim> claims, MarkerIndex markers, CommitPlaces places, MarkerPlaces columns) {
    this.claims = claims;
    this.markers = markers;
    this.places = places;
    this.columns = columns;
    this.isAny = claims.stream().anyMatch(claim -> claim.xid() == 0);
  }

  /** A commit has the marker of a claim without xid. */
  void found(int claim, int slot, CommitPlaces.Place at, long place) {
    candidates.add(new Candidate(claim, slot, at, place));
  }

  /** A commit that no claim's xid names. */
  void passed(CommitPlaces.Place at, OpenRows rows) {
    if (isAny && rows.count() == 0 && suspects.size() < MAX_SUSPECTS) {
      String unseen = rows.unseen();
      if (!unseen.isEmpty()) {
        suspects.add(new Suspect(at, unseen));
      }
    }
  }

  /** No more commits come. Puts each claim's commit, or says why it is not known. */
  void decide(Map<Integer, String> doubts) {
    if (!isAny) {
      return;
    }
    Map<Integer, List<Candidate>> byClaim = new HashMap<>();
    candidates.forEach(c -> byClaim.computeIfAbsent(c.claim, _ -> new ArrayList<>()).add(c));
    Set<Long> possible = columns();
    byClaim.forEach((claim, found) -> choose(claim, found, possible, doubts));
    suspect(doubts);
    candidates.clear();
    suspects.clear();
  }

  private void choose(
      int claim, List<Candidate> found, Set<Long> possible, Map<Integer, String> doubts) {
    List<Candidate> usual = found.stream().filter(c -> isUsual(c, possible)).toList();
    if (usual.isEmpty()) {
      if (possible.isEmpty()) {
        unproven(claim, found, doubts);
      }
      return;
    }
    CommitPlaces.Place at = usual.getFirst().at;
    boolean isOne = usual.stream().allMatch(c -> c.at.lsn() == at.lsn());
    boolean isDistinctive = usual.stream().anyMatch(c -> markers.isDistinctive(c.slot));
    boolean isEverywhere =
        isDistinctive || usual.stream().map(Candidate::place).distinct().count() == possible.size();
    if (isOne && isEverywhere) {
      int seen = (int) usual.stream().mapToInt(Candidate::slot).distinct().count();
      places.put(claim, Presence.RECORD, at, seen);
    } else {
      unproven(claim, found, doubts);
    }
  }

  private boolean isUsual(Candidate candidate, Set<Long> possible) {
    return markers.isDistinctive(candidate.slot) || possible.contains(candidate.place);
  }

  private void unproven(int claim, List<Candidate> found, Map<Integer, String> doubts) {
    places.put(claim, Presence.UNPROVEN, found.getFirst().at, 0);
    long commits = found.stream().mapToLong(c -> c.at.lsn()).distinct().count();
    long columnCount = found.stream().mapToLong(Candidate::place).distinct().count();
    doubts.put(
        claim,
        "its marker %s was seen in %d commits, in %d columns, and nothing tells which is its"
                .formatted(claims.get(claim).markers().getFirst(), commits, columnCount)
            + " column (record xid or LSN, use greater markers, or say --marker-column)");
  }

  /**
   * The columns in which small markers may stand: those that are known from claims with xids; else
   * those in which about as many claims are found, each in a commit of its own, as in the best.
   */
  private Set<Long> columns() {
    Map<Long, Map<Integer, Set<Long>>> hits = new HashMap<>();
    for (Candidate candidate : candidates) {
      if (!markers.isDistinctive(candidate.slot)) {
        hits.computeIfAbsent(candidate.place, _ -> new HashMap<>())
            .computeIfAbsent(candidate.claim, _ -> new HashSet<>())
            .add(candidate.at.lsn());
      }
    }
    Map<Long, Integer> scores = new HashMap<>();
    hits.forEach((place, claimed) -> scores.put(place, score(claimed)));
    int best = scores.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    Set<Long> possible = new HashSet<>();
    for (Map.Entry<Long, Integer> score : scores.entrySet()) {
      boolean isLikely =
          columns.isEmpty()
              ? score.getValue() >= COLUMN_MIN && score.getValue() * 2 > best
              : columns.isUsual(score.getKey());
      if (isLikely) {
        possible.add(score.getKey());
      }
    }
    return possible;
  }

  /** Of how many claims one commit, which is no other claim's, has the marker in this column. */
  private static int score(Map<Integer, Set<Long>> byClaim) {
    Map<Long, Integer> owners = new HashMap<>();
    byClaim.values().forEach(lsns -> lsns.forEach(lsn -> owners.merge(lsn, 1, Integer::sum)));
    return (int)
        byClaim.values().stream()
            .filter(lsns -> lsns.size() == 1 && owners.get(lsns.iterator().next()) == 1)
            .count();
  }

  /** Claims that were found nowhere, with a commit that cannot be seen where theirs would be. */
  private void suspect(Map<Integer, String> doubts) {
    if (suspects.isEmpty()) {
      return;
    }
    suspects.sort(Comparator.comparingLong(s -> s.at.lsn()));
    long[] at = suspects.stream().mapToLong(s -> s.at.lsn()).toArray();
    CommitWindow window = new CommitWindow(claims, places);
    for (int i = 0; i < claims.size(); i++) {
      Claim claim = claims.get(i);
      if (claim.xid() != 0
          || claim.outcome() == Outcome.ROLLED_BACK
          || claim.markers().isEmpty()
          || places.presence(i) != Presence.ABSENT) {
        continue;
      }
      int first = Arrays.binarySearch(at, window.after(claim) + 1);
      first = first >= 0 ? first : -first - 1;
      if (first < at.length && at[first] < window.before(claim)) {
        Suspect suspect = suspects.get(first);
        places.put(i, Presence.UNPROVEN, suspect.at, 0);
        doubts.put(i, "its marker cannot be seen: that commit left " + suspect.unseen);
      }
    }
  }
}
