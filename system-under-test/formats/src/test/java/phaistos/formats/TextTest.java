package phaistos.formats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is appended to a text is what the JDK's formatter makes of it. */
final class TextTest {
  @Test
  void numbersHaveTheirDigits() {
    for (long power = 1; power > 0; power = power < Long.MAX_VALUE / 10 ? power * 10 : -1) {
      for (long value : new long[] {power - 1, power, power + 1, -power}) {
        check(value);
      }
    }
    Random random = new Random(15);
    for (int i = 0; i < 100_000; i++) {
      check(random.nextLong() >> random.nextInt(64));
    }
    check(Long.MAX_VALUE);
    check(Long.MIN_VALUE);
  }

  private static void check(long value) {
    int low = (int) value;
    Text text = new Text(1);
    text.append(value).append(' ').unsigned(low).append(' ').hex(low).append(' ').hex(low, 8);
    text.append(' ').lsn(value).append(' ').paddedLsn(value);
    assertEquals(
        "%d %s %X %08X %X/%X %X/%08X"
            .formatted(
                value,
                Integer.toUnsignedString(low),
                low,
                low,
                value >>> 32,
                low,
                value >>> 32,
                low),
        text.toString());
    if (value >= 0) {
      assertEquals("%6d".formatted(value), new Text().padded(value, 6, ' ').toString());
      assertEquals("%06d".formatted(value), new Text().padded(value, 6, '0').toString());
    }
  }

  @Test
  void wordsAreFilledUpAndBytesAreKept() {
    Text text = new Text(1).padded("ab", 4).append('\u00e9').append("\u00ff").append(true);
    assertEquals("ab  \u00e9\u00fftrue", text.toString());
    assertEquals(10, text.length());
    text.clear();
    assertEquals("", text.toString());
  }
}
