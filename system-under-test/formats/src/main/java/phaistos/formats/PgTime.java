package phaistos.formats;

import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;

/** PostgreSQL's timestamps: microseconds since 2000-01-01 00:00 UTC. */
public final class PgTime {
  /** Seconds from 1970 to 2000. */
  public static final long EPOCH_SECONDS = 946_684_800L;

  private static final long MICROS_PER_SECOND = 1_000_000L;

  private PgTime() {}

  public static long of(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant) - EPOCH_SECONDS * MICROS_PER_SECOND;
  }

  public static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).plusSeconds(EPOCH_SECONDS);
  }

  /**
   * As pg_waldump prints it in the time zone UTC: {@code 2026-11-20 23:53:09.689424 UTC}. Before
   * 2000 the fraction is negative there, and here.
   */
  public static StringBuilder append(StringBuilder out, long micros) {
    long seconds = micros / MICROS_PER_SECOND + EPOCH_SECONDS;
    int fraction = (int) (micros % MICROS_PER_SECOND);
    LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(seconds, 86_400L));
    int ofDay = (int) Math.floorMod(seconds, 86_400L);
    digits(out, date.getYear(), 4).append('-');
    digits(out, date.getMonthValue(), 2).append('-');
    digits(out, date.getDayOfMonth(), 2).append(' ');
    digits(out, ofDay / 3600, 2).append(':');
    digits(out, ofDay / 60 % 60, 2).append(':');
    digits(out, ofDay % 60, 2).append('.');
    if (fraction < 0) {
      return digits(out.append('-'), -fraction, 5).append(" UTC");
    }
    return digits(out, fraction, 6).append(" UTC");
  }

  public static String format(long micros) {
    return append(new StringBuilder(), micros).toString();
  }

  private static StringBuilder digits(StringBuilder out, int value, int width) {
    int limit = 10;
    for (int i = 1; i < width; i++, limit *= 10) {
      if (value < limit) {
        out.append('0');
      }
    }
    return out.append(value);
  }
}
