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
   * 2000 the fraction is negative, as in pg_waldump.
   */
  public static Text append(Text out, long micros) {
    long seconds = micros / MICROS_PER_SECOND + EPOCH_SECONDS;
    int fraction = (int) (micros % MICROS_PER_SECOND);
    LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(seconds, 86_400L));
    int ofDay = (int) Math.floorMod(seconds, 86_400L);
    out.padded(date.getYear(), 4, '0').append('-');
    out.padded(date.getMonthValue(), 2, '0').append('-');
    out.padded(date.getDayOfMonth(), 2, '0').append(' ');
    out.padded(ofDay / 3600, 2, '0').append(':');
    out.padded(ofDay / 60 % 60, 2, '0').append(':');
    out.padded(ofDay % 60, 2, '0').append('.');
    if (fraction < 0) {
      return out.append('-').padded(-fraction, 5, '0').append(" UTC");
    }
    return out.padded(fraction, 6, '0').append(" UTC");
  }

  public static String format(long micros) {
    return append(new Text(), micros).toString();
  }
}
