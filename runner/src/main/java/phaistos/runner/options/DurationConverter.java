package phaistos.runner.options;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import phaistos.harness.Durations;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts an option's duration: 500ms, 60s, 5m; a bare number is seconds. */
public class DurationConverter implements ITypeConverter<Duration> {
  private final ChronoUnit bare;

  /** Bare numbers are seconds. */
  public DurationConverter() {
    this(ChronoUnit.SECONDS);
  }

  private DurationConverter(ChronoUnit bare) {
    this.bare = bare;
  }

  /** For options whose bare numbers are milliseconds. */
  public static final class Millis extends DurationConverter {
    public Millis() {
      super(ChronoUnit.MILLIS);
    }
  }

  @Override
  public Duration convert(String text) {
    try {
      return Durations.parse(text, bare);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
