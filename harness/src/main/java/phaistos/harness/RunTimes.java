package phaistos.harness;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import phaistos.nemesis.FaultKind;
import phaistos.nemesis.Faults;

/** Brings what nodes and faults say of time into the run's time. */
final class RunTimes {
  /** Functions of faults that are over when they are answered. */
  static final Set<String> MOMENTARY = momentary();

  /** Our server's lines, and PostgreSQL's with {@code log_line_prefix = '%m [%p] '}. */
  private static final Pattern LINE =
      Pattern.compile(
          "(\\d{4}-\\d\\d-\\d\\d)[T ](\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?)(?:Z| UTC| GMT)?"
              + "(?: \\[\\d+\\])?:? +(.*)");

  private final Optional<Instant> loadBegan;

  RunTimes(Optional<Instant> loadBegan) {
    this.loadBegan = loadBegan;
  }

  /**
   * A line of a node's log.
   *
   * @param nanos since the load began, by the node's own clock; empty if the line has no time
   */
  record Line(Optional<Long> nanos, String text) {}

  private static Set<String> momentary() {
    Set<String> functions = new TreeSet<>();
    for (FaultKind kind : Faults.KINDS) {
      if (kind.end().isEmpty()) {
        functions.add(kind.name());
      }
    }
    return functions;
  }

  Line line(String text) {
    Matcher matcher = LINE.matcher(text);
    if (loadBegan.isEmpty() || !matcher.matches()) {
      return new Line(Optional.empty(), text);
    }
    try {
      Instant time = Instant.parse(matcher.group(1) + "T" + matcher.group(2) + "Z");
      Duration since = Duration.between(loadBegan.get(), time);
      return new Line(Optional.of(since.toNanos()), matcher.group(3));
    } catch (DateTimeParseException _) {
      return new Line(Optional.empty(), text);
    }
  }
}
