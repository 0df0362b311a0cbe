package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

/** The kind of a violation is the same in runs that differ in seed, nodes and counts only. */
class ViolationTest {
  private static void same(String a, String b) {
    assertEquals(Violation.kind(a), Violation.kind(b));
  }

  @Test
  void whatDiffersFromRunToRunIsLeftOut() {
    same(
        "lost: the final read on n2 does not show its row \"register-7-2\"",
        "lost: the final read on n1 does not show its row 1000001464");
    same("25 of 1,411 acknowledged commits were lost", "4 of 9 acknowledged commits were lost");
    same(
        "lost: value 1000001300 of event 1042 (ok, xid 490, node n1) was inserted",
        "lost: value 17 of event 2 (ok, xid 3, node n3) was inserted");
    same("written up to 0/12BCF8 at 3.25 s", "written up to 1/0 at 17 s");
    same(
        "Connection to 10.0.0.2:5432 refused after 3 tries",
        "Connection to 10.0.0.3:5432 refused after 12 tries");
    same(
        "the valid WAL of n2 ends at 0/1 (end of data), before its commit record",
        "the valid WAL of n3 ends at 0/2 (a CRC (at 0/3) is wrong), before its commit record");
    same("key 5 = [1 4 7]", "key 12 = [3]");
    same("values 1, 2 and 3 of n1, n2", "values 7, 8 and 3 of n1, n3");
  }

  @Test
  void whatWasViolatedStays() {
    assertNotEquals(
        Violation.kind("lost: the final read on n2 does not show its row 5"),
        Violation.kind("lost: no standby has its commit record in flushed WAL"));
  }

  @Test
  void onlyTheFirstLineCounts() {
    same("a deadlock\n  n1/session 12", "a deadlock\n  n2/checkpointer");
  }
}
