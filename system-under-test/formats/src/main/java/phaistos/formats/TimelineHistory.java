package phaistos.formats;

import java.util.ArrayList;
import java.util.List;

/**
 * A timeline history file, {@code pg_wal/NNNNNNNN.history}: a line for each ancestor with its
 * number, the LSN at which its child left it, and why. Ancestors are in ascending order; the
 * timeline itself is not listed.
 *
 * @param timeline the timeline whose history it is
 */
public record TimelineHistory(int timeline, List<Entry> ancestors) {
  /** An ancestor: its WAL belongs to the history up to {@code end}. */
  public record Entry(int timeline, Lsn end, String reason) {}

  public TimelineHistory {
    ancestors = List.copyOf(ancestors);
  }

  /** A timeline without ancestors, as timeline 1 is. */
  public static TimelineHistory root(int timeline) {
    return new TimelineHistory(timeline, List.of());
  }

  public static String fileName(int timeline) {
    return "%08X.history".formatted(timeline);
  }

  /** The history of a timeline that branches off this one at {@code end}. */
  public TimelineHistory fork(int newTimeline, Lsn end, String reason) {
    List<Entry> entries = new ArrayList<>(ancestors);
    entries.add(new Entry(timeline, end, reason));
    return new TimelineHistory(newTimeline, entries);
  }

  /** The timeline that a position belongs to: the ancestor that contains it, or this one. */
  public int timelineAt(Lsn lsn) {
    for (Entry entry : ancestors) {
      if (lsn.compareTo(entry.end) < 0) {
        return entry.timeline;
      }
    }
    return timeline;
  }

  /**
   * Reads the file's text. Skips empty lines and lines that begin with #, as PostgreSQL does.
   *
   * @throws FormatException that names the wrong line
   */
  public static TimelineHistory parse(int timeline, String text) {
    List<Entry> entries = new ArrayList<>();
    int number = 0;
    int last = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      String trimmed = line.strip();
      if (trimmed.isEmpty() || trimmed.startsWith("#")) {
        continue;
      }
      String[] parts = trimmed.split("\\s+", 3);
      Entry entry = parseLine(parts, number, fileName(timeline));
      if (Integer.compareUnsigned(entry.timeline, last) <= 0) {
        throw new FormatException(
            "%s, line %d: timelines must be in rising order".formatted(fileName(timeline), number));
      }
      last = entry.timeline;
      entries.add(entry);
    }
    if (Integer.compareUnsigned(timeline, last) <= 0) {
      throw new FormatException(
          "%s: an ancestor has the number %d".formatted(fileName(timeline), last));
    }
    return new TimelineHistory(timeline, entries);
  }

  private static Entry parseLine(String[] parts, int number, String file) {
    try {
      if (parts.length >= 2) {
        int parent = Integer.parseUnsignedInt(parts[0]);
        return new Entry(parent, Lsn.parse(parts[1]), parts.length == 3 ? parts[2] : "");
      }
    } catch (IllegalArgumentException e) {
      // reported below
    }
    throw new FormatException(
        "%s, line %d: expected a timeline, an LSN and a reason".formatted(file, number));
  }

  /**
   * The file's text as PostgreSQL writes it: tabs between the fields, an empty line between
   * entries.
   */
  public String format() {
    StringBuilder out = new StringBuilder();
    for (Entry entry : ancestors) {
      if (!out.isEmpty()) {
        out.append('\n');
      }
      out.append(Integer.toUnsignedString(entry.timeline)).append('\t').append(entry.end);
      out.append('\t').append(entry.reason).append('\n');
    }
    return out.toString();
  }
}
