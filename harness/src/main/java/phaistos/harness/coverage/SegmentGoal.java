package phaistos.harness.coverage;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import phaistos.checker.durability.NodeImage;
import phaistos.harness.run.NodePosition;

/** The goal that the WAL passed from one segment file into the next while a node was down. */
public final class SegmentGoal {
  public static final String NAME = "a record crossed a segment while a standby was down";

  private SegmentGoal() {}

  /** How often; empty if the size of a segment is not known. */
  public static OptionalInt count(List<NodeImage> images, List<NodePosition> positions) {
    for (NodeImage image : images) {
      try {
        for (String name : image.files().list("pg_wal")) {
          if (name.matches("[0-9A-F]{24}")) {
            long bytes = image.files().size("pg_wal/" + name);
            return OptionalInt.of(count(positions, bytes));
          }
        }
      } catch (IOException _) {
        // Another image may tell.
      }
    }
    return OptionalInt.empty();
  }

  /** How often the primary passed into a new segment while another node did not answer. */
  private static int count(List<NodePosition> positions, long segmentBytes) {
    Map<String, NodePosition> latest = new HashMap<>();
    int count = 0;
    for (NodePosition position : positions) {
      NodePosition before = latest.put(position.node(), position);
      if (before == null
          || !position.isPrimary()
          || position.written().isEmpty()
          || before.written().isEmpty()) {
        continue;
      }
      boolean isDown =
          latest.values().stream()
              .anyMatch(
                  other ->
                      !other.node().equals(position.node())
                          && other.written().isEmpty()
                          && other.timeNanos() >= before.timeNanos());
      long from = before.written().getAsLong() / segmentBytes;
      long to = position.written().getAsLong() / segmentBytes;
      count += isDown && to > from ? 1 : 0;
    }
    return count;
  }
}
