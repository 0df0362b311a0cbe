package phaistos.server.defects;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All defects that there are, by name. */
public final class DefectCatalogue {
  private static final List<Defect> ALL =
      Stream.of(
              CommitDefects.ALL,
              WalDefects.ALL,
              CommitLogDefects.ALL,
              CheckpointDefects.ALL,
              HeapDefects.ALL,
              PrimaryReplicationDefects.ALL,
              StandbyDefects.ALL,
              RecoveryDefects.ALL,
              SessionDefects.ALL)
          .flatMap(List::stream)
          .toList();

  private DefectCatalogue() {}

  /** By part of the server: from the commit to the promotion, sessions last. */
  public static List<Defect> all() {
    return ALL;
  }

  /**
   * Those that are generated from the steps, on top of the others: "skip:wal-sync",
   * "repeat:redo-heap", "throw:slru-write".
   */
  public static List<Defect> mechanical() {
    return Mechanical.ALL;
  }

  /**
   * The defect of this name.
   *
   * @throws IllegalArgumentException that lists the names
   */
  public static Defect named(String name) {
    return Stream.concat(ALL.stream(), Mechanical.ALL.stream())
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
