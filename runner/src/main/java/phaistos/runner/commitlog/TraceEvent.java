package phaistos.runner.commitlog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A system call on a file of the commit log, as strace tells it.
 *
 * @param seconds since 1970
 * @param task the process or thread
 * @param file segment: "0181"
 * @param page the first page that is written; -1 of a sync
 * @param pages how many are written
 * @param tookSeconds how long the call took
 */
public record TraceEvent(
    double seconds, int task, Kind kind, String file, int page, int pages, double tookSeconds) {
  private static final int PAGE_BYTES = 8192;
  private static final int PAGES_PER_SEGMENT = 32;

  /** What it does. */
  public enum Kind {
    WRITE,
    /** sync_file_range. */
    RANGE_SYNC,
    /** fsync or fdatasync. */
    SYNC
  }

  /** A call: task, time, name, path of the first argument, the other ones, duration. */
  private static final Pattern CALL =
      Pattern.compile(
          "(\\d+) +([0-9.]+) (\\w+)\\(\\d+<[^>]*/pg_(?:xact|clog)/([0-9A-F]{4,6})>(.*)\\) += \\d+"
              + " <([0-9.]+)>");

  private static final Pattern BEGUN =
      Pattern.compile("((\\d+) +[0-9.]+ \\w+\\(.*) <unfinished \\.\\.\\.>");

  private static final Pattern RESUMED =
      Pattern.compile("(\\d+) +[0-9.]+ <\\.\\.\\. \\w+ resumed>(.*)");

  /** Reads the output of strace -f -ttt -T -y, in the order in which the calls began. */
  static List<TraceEvent> parse(List<String> lines) {
    List<String> whole = new ArrayList<>();
    Map<String, Integer> begun = new HashMap<>();
    for (String line : lines) {
      Matcher first = BEGUN.matcher(line);
      Matcher rest = RESUMED.matcher(line);
      if (first.matches()) {
        begun.put(first.group(2), whole.size());
        whole.add(first.group(1));
      } else if (rest.matches() && begun.containsKey(rest.group(1))) {
        int at = begun.remove(rest.group(1));
        whole.set(at, whole.get(at) + rest.group(2));
      } else {
        whole.add(line);
      }
    }
    return whole.stream().map(TraceEvent::parse).flatMap(Optional::stream).toList();
  }

  /** Reads a call; empty if it is about something else, or has failed. */
  private static Optional<TraceEvent> parse(String line) {
    Matcher call = CALL.matcher(line);
    if (!call.matches()) {
      return Optional.empty();
    }
    String[] numbers = call.group(5).split(", ");
    int segment = Integer.parseInt(call.group(4), 16);
    Optional<Kind> kind =
        switch (call.group(3)) {
          case "pwrite64" -> Optional.of(Kind.WRITE);
          case "sync_file_range" -> Optional.of(Kind.RANGE_SYNC);
          case "fsync", "fdatasync" -> Optional.of(Kind.SYNC);
          default -> Optional.empty();
        };
    return kind.map(
        known -> {
          // pwrite64(file, bytes, length, offset), sync_file_range(file, offset, length, flags)
          long offset =
              switch (known) {
                case WRITE -> Long.parseLong(numbers[3]);
                case RANGE_SYNC -> Long.parseLong(numbers[1]);
                case SYNC -> -1;
              };
          long length =
              switch (known) {
                case WRITE, RANGE_SYNC -> Long.parseLong(numbers[2]);
                case SYNC -> 0;
              };
          return new TraceEvent(
              Double.parseDouble(call.group(2)),
              Integer.parseInt(call.group(1)),
              known,
              call.group(4),
              offset < 0 ? -1 : segment * PAGES_PER_SEGMENT + (int) (offset / PAGE_BYTES),
              (int) (length / PAGE_BYTES),
              Double.parseDouble(call.group(6)));
        });
  }

  /** Without times and tasks, for comparisons: "write 3", "sync 0000". */
  public String shape() {
    return switch (kind) {
      case WRITE -> pages == 1 ? "write " + page : "write %d to %d".formatted(page, lastPage());
      case RANGE_SYNC -> "range-sync " + page;
      case SYNC -> "sync " + file;
    };
  }

  private int lastPage() {
    return page + pages - 1;
  }
}
