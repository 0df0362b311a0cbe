package phaistos.cluster.postgres;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of PostgreSQL: 15, or exactly 15.12.
 *
 * @param minor empty for any
 */
public record PostgresVersion(int major, OptionalInt minor) {
  /** The versions that a cluster runs. */
  public static final int FIRST = 12;

  public static final int LAST = 18;

  private static final Pattern TEXT = Pattern.compile("(\\d{1,3})(?:\\.(\\d{1,3}))?");
  private static final Pattern SAID = Pattern.compile("\\(PostgreSQL\\) (\\d+)(?:\\.(\\d+))?");

  /**
   * Reads "15" or "15.12".
   *
   * @throws IllegalArgumentException if it is no version from {@link #FIRST} to {@link #LAST}
   */
  public static PostgresVersion parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no version of PostgreSQL (such as 15, or exactly 15.12)");
    }
    PostgresVersion version = of(matcher);
    if (version.major < FIRST || version.major > LAST) {
      throw new IllegalArgumentException(
          "PostgreSQL " + text + " (there is " + FIRST + " to " + LAST + ")");
    }
    return version;
  }

  /**
   * Reads what {@code postgres --version} says. A version under development has no minor.
   *
   * @throws IllegalArgumentException if it says something else
   */
  static PostgresVersion said(String text) {
    Matcher matcher = SAID.matcher(text);
    if (!matcher.find()) {
      throw new IllegalArgumentException("no PostgreSQL: " + text);
    }
    return of(matcher);
  }

  private static PostgresVersion of(Matcher matcher) {
    return new PostgresVersion(
        Integer.parseInt(matcher.group(1)),
        matcher.group(2) == null
            ? OptionalInt.empty()
            : OptionalInt.of(Integer.parseInt(matcher.group(2))));
  }

  /** Whether programs of another version will do where this one is asked for. */
  boolean isMetBy(PostgresVersion other) {
    return major == other.major && (minor.isEmpty() || minor.equals(other.minor));
  }

  @Override
  public String toString() {
    return minor.isPresent() ? major + "." + minor.getAsInt() : Integer.toString(major);
  }
}
