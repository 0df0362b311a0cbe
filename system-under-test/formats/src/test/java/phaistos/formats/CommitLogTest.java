package phaistos.formats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class CommitLogTest {
  @Test
  void findsTheByteThatAServerWrote() {
    // 740 to 743 committed, aborted, committed, committed: seen as 0x59
    byte[] page = new byte[CommitLog.PAGE_BYTES];
    CommitLog.set(page, new Xid(740), CommitLog.Status.COMMITTED);
    CommitLog.set(page, new Xid(741), CommitLog.Status.ABORTED);
    CommitLog.set(page, new Xid(742), CommitLog.Status.COMMITTED);
    CommitLog.set(page, new Xid(743), CommitLog.Status.COMMITTED);
    assertEquals(0x59, page[185]);
    CommitLog.set(page, new Xid(742), CommitLog.Status.IN_PROGRESS);
    assertEquals(0x49, page[185]);
    assertEquals(CommitLog.Status.ABORTED, CommitLog.get(page, new Xid(741)));
  }

  @Test
  void placesTransactionsAtTheirPagesAndSegments() {
    assertEquals(31, CommitLog.page(new Xid(1_048_575)));
    assertEquals(32, CommitLog.page(new Xid(1_048_576)));
    assertEquals("pg_xact/0001", CommitLog.segmentPath(32));
    assertEquals(CommitLog.MAX_PAGE, CommitLog.page(new Xid(-1)));
    assertEquals("pg_xact/0FFF", CommitLog.segmentPath(CommitLog.MAX_PAGE));
    assertEquals(Optional.of(0xFFF), CommitLog.parseSegmentName("0FFF"));
    assertEquals(Optional.empty(), CommitLog.parseSegmentName("00f1"));
  }

  @Test
  void ordersPagesAcrossTheWrapAround() {
    assertTrue(CommitLog.pagePrecedes(3, 4));
    assertFalse(CommitLog.pagePrecedes(4, 4));
    assertTrue(CommitLog.pagePrecedes(CommitLog.MAX_PAGE, 0));
    assertFalse(CommitLog.pagePrecedes(0, CommitLog.MAX_PAGE));
  }

  @Test
  void comparesTransactionsModuloTwoToThe32() {
    Xid old = new Xid(-5);
    assertTrue(old.precedes(new Xid(3)));
    assertFalse(new Xid(3).precedes(old));
    assertTrue(Xid.FROZEN.precedes(old));
    assertEquals(Xid.FIRST_NORMAL, new Xid(-1).next());
    assertEquals(new Xid(-1), Xid.FIRST_NORMAL.previous());
    FullXid now = FullXid.of(1, new Xid(100));
    assertEquals(FullXid.of(0, old), now.near(old));
    assertEquals(FullXid.of(1, new Xid(5000)), now.near(new Xid(5000)));
    assertEquals(FullXid.of(2, new Xid(3)), FullXid.of(1, new Xid(-1)).next());
  }

  @Test
  void writesTimelineHistoriesAsPostgresDoes() {
    TimelineHistory two =
        TimelineHistory.root(1).fork(2, Lsn.parse("0/A00848"), "no recovery target specified");
    assertEquals("1\t0/A00848\tno recovery target specified\n", two.format());
    TimelineHistory three = two.fork(3, Lsn.parse("1/B0"), "later");
    assertEquals(three, TimelineHistory.parse(3, three.format()));
    assertEquals(1, three.timelineAt(Lsn.parse("0/A00847")));
    assertEquals(2, three.timelineAt(Lsn.parse("0/A00848")));
    assertEquals(3, three.timelineAt(Lsn.parse("1/B0")));
  }
}
