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
 * Finds claims without an xid by their markers alone. A distinctive marker identifies its commit. A
 * small number may occur in other columns by chance: it counts only in a column that has most of
 * the claims' markers, each in one commit. A claim found nowhere may still be a commit with
 * unreadable rows, if there is one between the commits before and after it. Not thread-safe.
 */
final class MarkerOnly {
  /** A commit of any xid that has a marker of a claim. */
  private record Candidate(int claim, int slot, CommitPlaces.Place at, long place) {}

  /** Where markers of a shape may stand. */
  private record Column(long place, MarkerForms.Shape shape) {}

  /** A commit that no claim's xid names. */
  private record Suspect(CommitPlaces.Place at, String unseen, int[] relations) {}

  /** Small numbers in a column count only if at least this many claims were found in it. */
  private static final int COLUMN_MIN = 3;

  private static final int MAX_SUSPECTS = 8_000_000;

  private final List<Claim> claims;
  private final MarkerIndex markers;
  private final CommitPlaces places;
  private final MarkerPlaces columns;
  private final ReadableMarkers readable;
  private final List<Candidate> candidates = new ArrayList<>();
  private final List<Suspect> suspects = new ArrayList<>();
  private final boolean isAny;

  MarkerOnly(
      List<Claim> claims,
      MarkerIndex markers,
      CommitPlaces places,
      MarkerPlaces columns,
      ReadableMarkers readable) {
    this.readable = readable;
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
    if (isAny && suspects.size() < MAX_SUSPECTS) {
      int[] relations = rows.readRelations();
      String unseen = rows.unseen();
      if (relations.length > 0 || !unseen.isEmpty()) {
        suspects.add(new Suspect(at, unseen, relations));
      }
    }
  }

  /** Called after the last commit. Stores each claim's commit, or why it is unknown. */
  void decide(Map<Integer, String> doubts) {
    if (!isAny) {
      return;
    }
    Map<Integer, List<Candidate>> byClaim = new HashMap<>();
    candidates.forEach(c -> byClaim.computeIfAbsent(c.claim, _ -> new ArrayList<>()).add(c));
    Set<Column> possible = columns();
    byClaim.forEach((claim, found) -> choose(claim, found, possible, doubts));
    suspect(doubts);
    candidates.clear();
    suspects.clear();
  }

  private void choose(
      int claim, List<Candidate> found, Set<Column> possible, Map<Integer, String> doubts) {
    List<Candidate> usual = found.stream().filter(c -> isUsual(c, possible)).toList();
    if (usual.isEmpty()) {
      Set<MarkerForms.Shape> shapes = new HashSet<>();
      possible.forEach(column -> shapes.add(column.shape));
      if (found.stream().noneMatch(c -> shapes.contains(markers.shape(c.slot)))) {
        unproven(claim, found, doubts);
      }
      return;
    }
    CommitPlaces.Place at = usual.getFirst().at;
    boolean isOne = usual.stream().allMatch(c -> c.at.lsn() == at.lsn());
    boolean isDistinctive = usual.stream().anyMatch(c -> markers.isDistinctive(c.slot));
    boolean isEverywhere =
        isDistinctive
            || usual.stream().map(this::column).distinct().count()
                == possible.stream()
                    .filter(c -> c.shape == markers.shape(usual.getFirst().slot))
                    .count();
    if (isOne && isEverywhere) {
      int seen = (int) usual.stream().mapToInt(Candidate::slot).distinct().count();
      places.put(claim, Presence.RECORD, at, seen);
      usual.forEach(each -> readable.add(each.place, markers.shape(each.slot)));
    } else {
      unproven(claim, found, doubts);
    }
  }

  private Column column(Candidate candidate) {
    return new Column(candidate.place, markers.shape(candidate.slot));
  }

  private boolean isUsual(Candidate candidate, Set<Column> possible) {
    return markers.isDistinctive(candidate.slot) || possible.contains(column(candidate));
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
   * The columns for small markers: those known from claims with xids. Without any, those with about
   * as many claims as the best column, each in a commit of its own.
   */
  private Set<Column> columns() {
    Map<Column, Map<Integer, Set<Long>>> hits = new HashMap<>();
    for (Candidate candidate : candidates) {
      if (!markers.isDistinctive(candidate.slot)) {
        hits.computeIfAbsent(column(candidate), _ -> new HashMap<>())
            .computeIfAbsent(candidate.claim, _ -> new HashSet<>())
            .add(candidate.at.lsn());
      }
    }
    Map<Column, Integer> scores = new HashMap<>();
    Map<MarkerForms.Shape, Integer> best = new HashMap<>();
    hits.forEach(
        (column, claimed) -> {
          scores.put(column, score(claimed));
          best.merge(column.shape, score(claimed), Math::max);
        });
    Set<Column> possible = new HashSet<>();
    scores.forEach(
        (column, score) -> {
          boolean isLikely =
              columns.isEmpty()
                  ? score >= COLUMN_MIN && score * 2 > best.get(column.shape)
                  : columns.isUsual(column.place);
          if (isLikely) {
            possible.add(column);
          }
        });
    return possible;
  }

  /**
   * How many claims have their marker in this column in exactly one commit that no other claim has.
   */
  private static int score(Map<Integer, Set<Long>> byClaim) {
    Map<Long, Integer> owners = new HashMap<>();
    byClaim.values().forEach(lsns -> lsns.forEach(lsn -> owners.merge(lsn, 1, Integer::sum)));
    return (int)
        byClaim.values().stream()
            .filter(lsns -> lsns.size() == 1 && owners.get(lsns.iterator().next()) == 1)
            .count();
  }

  /**
   * Claims that were found nowhere although a commit in their range may be theirs. Its rows cannot
   * be read, or it wrote only to tables where no such marker was ever read.
   */
  private void suspect(Map<Integer, String> doubts) {
    CommitWindow window = window(doubts);
    if (suspects.isEmpty()) {
      return;
    }
    Set<Long> owned = new HashSet<>();
    for (int i = 0; i < claims.size(); i++) {
      if (places.presence(i) == Presence.RECORD) {
        owned.add(places.lsn(i));
      }
    }
    suspects.removeIf(suspect -> owned.contains(suspect.at.lsn()));
    suspects.sort(Comparator.comparingLong(s -> s.at.lsn()));
    long[] at = suspects.stream().mapToLong(s -> s.at.lsn()).toArray();
    for (int i = 0; i < claims.size(); i++) {
      Claim claim = claims.get(i);
      boolean isOpen =
          claim.xid() == 0
              && claim.outcome() != Outcome.ROLLED_BACK
              && !claim.markers().isEmpty()
              && places.presence(i) == Presence.ABSENT;
      if (!isOpen) {
        continue;
      }
      int from = Arrays.binarySearch(at, window.after(claim) + 1);
      long end = window.before(claim);
      for (int s = from >= 0 ? from : -from - 1; s < at.length && at[s] < end; s++) {
        Suspect suspect = suspects.get(s);
        if (mayBe(i, suspect)) {
          places.put(i, Presence.UNPROVEN, suspect.at, 0);
          doubts.put(i, doubt(suspect));
          break;
        }
      }
    }
  }

  /**
   * The ranges of claims' commits. A marker in a commit before those of earlier completed claims
   * belongs to an existing row that the claim changed or deleted.
   */
  private CommitWindow window(Map<Integer, String> doubts) {
    CommitWindow window = new CommitWindow(claims, places);
    for (int i = 0; i < claims.size(); i++) {
      boolean isTooEarly =
          claims.get(i).xid() == 0
              && claims.get(i).lsn() == 0
              && places.presence(i) == Presence.RECORD
              && window.isTooEarly(claims.get(i), places.lsn(i));
      if (isTooEarly) {
        window.contradicted();
        places.doubt(i);
        doubts.put(
            i, "it committed before others that were answered before this one was asked for");
      }
    }
    return window;
  }

  private boolean mayBe(int claim, Suspect suspect) {
    if (!suspect.unseen.isEmpty()) {
      return true;
    }
    for (int slot = markers.firstSlot(claim); slot < markers.firstSlot(claim + 1); slot++) {
      for (int relation : suspect.relations) {
        if (readable.shows(relation, markers, slot)) {
          return false;
        }
      }
    }
    return true;
  }

  private static String doubt(Suspect suspect) {
    return suspect.unseen.isEmpty()
        ? "its marker was not seen in what that commit wrote, and nothing shows that it could be"
        : "its marker cannot be seen: that commit left " + suspect.unseen;
  }
}
