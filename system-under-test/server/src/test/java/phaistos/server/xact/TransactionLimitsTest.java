package phaistos.server.xact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import phaistos.formats.Xid;
import phaistos.server.xact.TransactionLimits.Limits;

/** The arithmetic of the limits over the whole space of ids, against numbers of 64 bits. */
class TransactionLimitsTest {
  private static final int FREEZE_MAX_AGE = 200_000_000;

  /** How many ids lie between, in the direction of time; the special ones count too. */
  private static long distance(Xid from, Xid to) {
    return to.toLong() - from.toLong() & 0xFFFF_FFFFL;
  }

  private static void check(Xid oldest) {
    Limits limits = Limits.of(oldest, 5, FREEZE_MAX_AGE);
    String seen = "oldest=" + oldest + " " + limits;
    for (Xid limit : new Xid[] {limits.vacuum(), limits.warn(), limits.stop()}) {
      assertTrue(limit.isNormal(), seen);
      assertFalse(limit.precedes(oldest), seen);
    }
    assertTrue(limits.vacuum().precedes(limits.warn()), seen);
    assertTrue(limits.warn().precedes(limits.stop()), seen);
    assertTrue(limits.wrap().isNormal() && limits.stop().precedes(limits.wrap()), seen);
    // a special id that is skipped moves a limit by three
    assertEquals(0x7FFF_FFFFL, distance(oldest, limits.wrap()), 3, seen);
    assertEquals(3_000_000, distance(limits.stop(), limits.wrap()), 6, seen);
    assertEquals(40_000_000, distance(limits.warn(), limits.wrap()), 6, seen);
    assertEquals(FREEZE_MAX_AGE, distance(oldest, limits.vacuum()), 3, seen);
  }

  @Test
  void limitsKeepTheirDistancesEverywhere() {
    for (long step = 0; step < 1L << 32; step += 65_521) {
      Xid xid = new Xid((int) step);
      if (xid.isNormal()) {
        check(xid);
      }
    }
    long[] edges = {0, 1L << 31, FREEZE_MAX_AGE, 40_000_000, 3_000_000};
    for (long edge : edges) {
      for (long sign : new long[] {1, -1}) {
        for (int near = -10; near <= 10; near++) {
          Xid xid = new Xid((int) (sign * edge + near));
          if (xid.isNormal()) {
            check(xid);
          }
        }
      }
    }
  }

  @Test
  void orderIsThatOfTheNearerWay() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 1_000_000; i++) {
      Xid a = new Xid(random.nextInt());
      Xid b = new Xid(random.nextInt());
      if (a.isNormal() && b.isNormal() && !a.equals(b)) {
        long ahead = distance(a, b);
        assertEquals(ahead < 1L << 31, a.precedes(b) && ahead != 1L << 31, a + " " + b);
        assertEquals(a.precedes(b), b.follows(a));
      }
    }
  }
}
