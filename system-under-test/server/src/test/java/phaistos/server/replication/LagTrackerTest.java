package phaistos.server.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import phaistos.formats.Lsn;

/** What walsender.c's LagTracker says in the same situations. */
class LagTrackerTest {
  private final LagTracker tracker = new LagTracker();

  private static OptionalLong lag(long micros) {
    return OptionalLong.of(micros);
  }

  @Test
  void isTheTimeSinceTheLastSampleThatAReplyHasReached() {
    tracker.sample(new Lsn(100), 1000);
    tracker.sample(new Lsn(200), 1010);
    assertEquals(lag(20), tracker.wrote(new Lsn(200), 1030));
    assertEquals(lag(50), tracker.flushed(new Lsn(150), 1050));
    assertEquals(lag(45), tracker.applied(new Lsn(250), 1055));
  }

  @Test
  void saysNothingNewWhileNothingIsWritten() {
    tracker.sample(new Lsn(100), 1000);
    assertEquals(lag(7), tracker.wrote(new Lsn(100), 1007));
    assertEquals(OptionalLong.empty(), tracker.wrote(new Lsn(100), 5000));
    tracker.sample(new Lsn(100), 6000);
    assertEquals(OptionalLong.empty(), tracker.wrote(new Lsn(100), 6001));
  }

  @Test
  void interpolatesBetweenTwoSamples() {
    tracker.sample(new Lsn(100), 1000);
    tracker.sample(new Lsn(200), 2000);
    assertEquals(lag(10), tracker.applied(new Lsn(100), 1010));
    assertEquals(lag(1000), tracker.applied(new Lsn(150), 2500));
    assertEquals(lag(1500), tracker.applied(new Lsn(200), 3500));
  }

  @Test
  void takesTheNextSampleBeforeAnyIsReached() {
    tracker.sample(new Lsn(100), 1000);
    assertEquals(lag(30), tracker.flushed(new Lsn(50), 1030));
  }

  @Test
  void replacesTheNewestSampleWhenAReaderIsAWholeRoundBehind() {
    for (int i = 1; i <= 10_000; i++) {
      tracker.sample(new Lsn(i), i);
    }
    assertEquals(lag(0), tracker.wrote(new Lsn(10_000), 10_000));
    assertEquals(lag(9_900), tracker.flushed(new Lsn(100), 10_000));
  }

  @Test
  void forgetsLagsWhenTheSecondReplySaysThatAllIsApplied() {
    WalSenderSlot slot =
        new WalSenderSlot(
            1,
            "u",
            "a",
            new phaistos.environment.Network.Address("h", 1),
            java.time.Instant.EPOCH,
            () -> {});
    slot.lag.sample(new Lsn(100), 1000);
    slot.sent = new Lsn(100);
    Lsn all = new Lsn(100);
    slot.reply(all, all, all, 1005);
    assertEquals(lag(5), slot.row("async").applyLag());
    slot.reply(all, all, all, 11_000);
    assertEquals(OptionalLong.empty(), slot.row("async").applyLag());
    slot.lag.sample(new Lsn(200), 20_000);
    slot.sent = new Lsn(200);
    slot.reply(new Lsn(200), all, all, 20_003);
    assertEquals(lag(3), slot.row("async").writeLag());
  }
}
