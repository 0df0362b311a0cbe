package phaistos.server.defects;

import java.util.List;
import java.util.stream.Collectors;

/** All defects that there are, by name. */
public final class DefectCatalogue {
  private static final List<Defect> ALL =
      List.of(
          new AckBeforeStandbyFlush(),
          new StandbyWaitLate(),
          new ReleasedTooEarly(),
          new CheckpointForgetsCommits(),
          new WalSyncLate(),
          new TornPages(),
          new CommitLogBeforeWal(),
          new CommitLogPageLost(),
          new HintBitTooEarly(),
          new CheckpointEndsEarly(),
          new CheckpointSyncSkipped(),
          new StandbySyncSkipped(),
          new StandbySyncLate(),
          new StandbyReportsUnsynced(),
          new MinimumRecoveryPointLost(),
          new SameTimelineTwice());

  private DefectCatalogue() {}

  /** In the order in which a commit passes their steps. */
  public static List<Defect> all() {
    return ALL;
  }

  /**
   * The defect of this name.
   *
   * @throws IllegalArgumentException that lists the names
   */
  public static Defect named(String name) {
    return ALL.stream()
        .filter(defect -> defect.description().name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown defect \"%s\" (known: %s)".formatted(name, names())));
  }

  private static String names() {
    return ALL.stream()
        .map(defect -> defect.description().name())
        .collect(Collectors.joining(", "));
  }
}
