package phaistos.cluster.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ClusterException;
import phaistos.cluster.Nodes;
import phaistos.cluster.OneValue;
import phaistos.formats.wal.SegmentName;

/**
 * The WAL of a run, which every node is to keep from its beginning: the audit finds each commit's
 * record by it. A base backup has none from before its start; so the copy gets the older segments
 * too, which recovery never looks at.
 */
public final class KeptWal {
  private static final String CURRENT = "SELECT pg_walfile_name(pg_current_wal_lsn())";

  private KeptWal() {}

  /**
   * The segment that a primary writes now; those with smaller numbers are complete.
   *
   * @throws ClusterException if it does not answer
   */
  public static SegmentName current(Nodes nodes, NodeId primary) {
    Optional<String> name =
        OneValue.of(nodes, primary, CURRENT, OneValue.limits(5, 10, "phaistos-control"));
    return name.flatMap(SegmentName::parse)
        .orElseThrow(() -> new ClusterException(primary + " does not name its WAL segment"));
  }

  /**
   * Copies the segments that a joined node lacks: those that are complete, and what earlier
   * timelines left of a segment that goes on.
   *
   * @param current from after the node was copied, for the copy itself may end a segment
   */
  public static void complete(SegmentName current, Path primaryData, Path joinedData) {
    Path from = primaryData.resolve("pg_wal");
    Path to = joinedData.resolve("pg_wal");
    try {
      List<Path> files;
      try (var all = Files.list(from)) {
        files = all.toList();
      }
      for (Path file : files) {
        String name = file.getFileName().toString();
        boolean isComplete =
            SegmentName.parse(name)
                .map(segment -> isBefore(segment, current))
                .orElse(name.endsWith(".history"));
        Path copy = to.resolve(name);
        if (isComplete && !Files.exists(copy)) {
          copy(file, copy);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy WAL from " + from + " to " + to, e);
    }
  }

  /** By position, and at the same position by timeline. */
  private static boolean isBefore(SegmentName one, SegmentName other) {
    return Comparator.comparing(SegmentName::high, Integer::compareUnsigned)
            .thenComparing(SegmentName::low, Integer::compareUnsigned)
            .thenComparing(SegmentName::timeline, Integer::compareUnsigned)
            .compare(one, other)
        < 0;
  }

  private static void copy(Path file, Path copy) throws IOException {
    try {
      Files.copy(file, copy);
    } catch (NoSuchFileException e) {
      return; // it was removed or renamed meanwhile
    }
  }
}
