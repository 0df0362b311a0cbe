package phaistos.checker.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import phaistos.formats.Xid;

class OpenTransactionsTest {
  /** Few xids, far apart and close, so that they crowd each other. */
  private static int xid(int step) {
    return step % 2 == 0 ? step / 2 : (step / 2) << 26;
  }

  @Property
  void holdsWhatAMapHolds(
      @ForAll @Size(max = 400) List<@IntRange(max = 1000) Integer> steps, @ForAll boolean removes) {
    OpenTransactions open = new OpenTransactions();
    Map<Integer, OpenRows> known = new HashMap<>();
    for (int step : steps) {
      int xid = xid(step % 200);
      if (removes && step >= 600) {
        OpenRows all = open.removeAll(new Xid(xid), List.of());
        OpenRows expected = known.remove(xid);
        assertEquals(expected == null ? 0 : expected.count(), all.count());
      } else {
        OpenRows rows = open.of(xid);
        assertSame(known.computeIfAbsent(xid, _ -> rows), rows);
        rows.add(step, step);
      }
    }
    known.forEach((xid, rows) -> assertSame(rows, open.of(xid)));
  }
}
