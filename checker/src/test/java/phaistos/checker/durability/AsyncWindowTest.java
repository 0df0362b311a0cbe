package phaistos.checker.durability;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class AsyncWindowTest {
  private static final long MS = 1_000_000;

  @Test
  void aCommitMayBeLostWithinTheWindowBeforeTheCrash() {
    AsyncWindow window = new AsyncWindow(crashAt(5, 10_000 * MS));
    assertTrue(window.violationByTime(claim(0, 1, 9_500 * MS)).isEmpty());
    assertTrue(window.violationByTime(claim(0, 1, 9_000 * MS)).orElseThrow().contains("1.000 s"));
    assertTrue(
        window.violationByTime(claim(6, 7, 10_001 * MS)).orElseThrow().contains("did not crash"));
    assertTrue(
        window.violationByTime(claim(4, 6, 10_001 * MS)).isEmpty(), "answered before the crash");
    assertTrue(
        new AsyncWindow(AuditInput.of(List.of()).build())
            .violationByTime(claim(0, 1, 0))
            .isEmpty());
  }

  @Test
  void aLostCommitBetweenTwoThatAreThereIsNamedUnlessTheServerRestarted() {
    List<Claim> claims = List.of(claim(0, 1, 0), claim(2, 3, 0), claim(4, 5, 0));
    long[] lsns = {100, 0, 300};
    int[] lost = {1};
    AsyncWindow.Positions positions = i -> lsns[i];
    assertArrayEquals(
        new int[] {2}, AsyncWindow.outlived(claims, lost, positions, new long[] {50}));
    assertArrayEquals(
        new int[] {-1}, AsyncWindow.outlived(claims, lost, positions, new long[] {200}));
  }

  @Test
  void aConcurrentCommitProvesNothing() {
    List<Claim> claims = List.of(claim(0, 1, 0), claim(2, 5, 0), claim(4, 6, 0));
    long[] lsns = {100, 0, 300};
    assertEquals(-1, AsyncWindow.outlived(claims, new int[] {1}, i -> lsns[i], new long[0])[0]);
  }

  private static AuditInput crashAt(long index, long nanos) {
    AuditInput.Crash crash = new AuditInput.Crash(index, nanos);
    return AuditInput.of(List.of()).crashes(List.of(crash), 600 * MS).build();
  }

  private static Claim claim(long invoked, long completed, long timeNanos) {
    Promise promise = new Promise(CommitLevel.OFF, StandbyRule.NONE, false, false);
    return new Claim(
        completed, invoked, timeNanos, Outcome.ACKNOWLEDGED, 700, 1, 0, "a", List.of(), promise);
  }
}
