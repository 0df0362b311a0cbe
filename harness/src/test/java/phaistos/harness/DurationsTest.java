package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

class DurationsTest {
  @Test
  void everyFormIsRead() {
    assertEquals(Duration.ofMillis(500), Durations.parse("500ms"));
    assertEquals(Duration.ofSeconds(60), Durations.parse("60s"));
    assertEquals(Duration.ofSeconds(60), Durations.parse("60"));
    assertEquals(Duration.ofMillis(300), Durations.parse("0.3"));
    assertEquals(Duration.ofSeconds(90), Durations.parse("1.5m"));
    assertEquals(Duration.ofHours(2), Durations.parse("2h"));
    assertEquals(Duration.ofDays(7), Durations.parse("7d"));
    assertEquals(Duration.ofMillis(200), Durations.parse("200", ChronoUnit.MILLIS));
    assertEquals(Duration.ofSeconds(1), Durations.parse("1s", ChronoUnit.MILLIS));
    for (String wrong : List.of("", "s", "5x", "-1s", "1 s", "1e3", "1.", ".5", "60S", "1m30s")) {
      assertThrows(IllegalArgumentException.class, () -> Durations.parse(wrong), wrong);
    }
  }

  @Test
  void whatIsWrittenIsReadAsTheSame() {
    for (long nanos : new long[] {0, 1, 1_000, 1_500_000, 999_999_999, 60_000_000_000L}) {
      Duration duration = Duration.ofNanos(nanos);
      assertEquals(duration, Durations.parse(Durations.format(duration)));
    }
    assertEquals("60s", Durations.format(Duration.ofMinutes(1)));
    assertEquals("1500ms", Durations.format(Duration.ofMillis(1500)));
    assertEquals("0.5ms", Durations.format(Duration.ofNanos(500_000)));
  }
}
