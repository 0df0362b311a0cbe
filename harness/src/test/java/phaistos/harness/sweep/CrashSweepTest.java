package phaistos.harness.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import phaistos.harness.sweep.SweepOptions.Target;

/** The short form of the sweep; {@code ./phaistos crash-sweep} is the long one. */
class CrashSweepTest {
  private static SweepOptions options(Target target, int transactions, String defect) {
    return new SweepOptions(target, 1, transactions, 2, 40, 4, OptionalInt.empty(), defect);
  }

  private static CrashSweep.Report sweep(Target target, int transactions, String defect) {
    return CrashSweep.run(options(target, transactions, defect), line -> {});
  }

  @Test
  void aPrimaryRecoversFromEveryCrash() {
    CrashSweep.Report report = sweep(Target.PRIMARY, 24, "");
    assertEquals(List.of(), report.differences());
    assertTrue(report.crashes() > 8 && report.distinct() > 30, report.toString());
  }

  @Test
  void aStandbyRecoversFromEveryCrash() {
    CrashSweep.Report report = sweep(Target.STANDBY, 24, "");
    assertEquals(List.of(), report.differences());
    assertTrue(report.crashes() > 8 && report.distinct() > 30, report.toString());
  }

  @Test
  void aCheckpointThatSkipsItsSyncsIsFound() {
    CrashSweep.Report report = sweep(Target.PRIMARY, 44, "checkpoint-sync-skipped");
    assertTrue(report.differing() > 0, report.toString());
  }

  @Test
  void oneCrashCanBeRepeated() {
    SweepOptions one = new SweepOptions(Target.PRIMARY, 1, 14, 0, 0, 1, OptionalInt.of(80), "");
    CrashSweep.Report report = CrashSweep.run(one, line -> {});
    assertEquals(1, report.crashes());
    assertEquals(List.of(), report.differences());
  }
}
