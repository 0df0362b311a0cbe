package phaistos.checker.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.Lsn;

/**
 * What each level owes, on a primary a and standbys b and c. A node's state is a letter: R has the
 * commit record, L committed by the log only, D has the record but its log denies it, O another
 * transaction has the xid, U a commit whose identity is not proven, X cannot be read, - nothing. A
 * number behind it is the node's timeline, 1 without.
 */
class JudgeTest {
  private ImageKind kind = ImageKind.WRITTEN;
  private Set<String> spoiled = Set.of();
  private Set<String> aside = Set.of();

  @Test
  void aCommitThatWaitedMustBeOnThePrimaryAndOnAsManyStandbysAsItWaitedFor() {
    assertEquals("CONFIRMED", on("ANY 1 (b, c)", "R R -"));
    assertEquals("CONFIRMED", on("ANY 1 (b, c)", "R - L"));
    assertEquals("LOST", on("ANY 1 (b, c)", "R - -"));
    assertEquals("LOST", on("ANY 2 (b, c)", "R R -"));
    assertEquals("CONFIRMED", on("ANY 2 (b, c)", "R R R"));
    assertEquals("LOST", on("FIRST 1 (b)", "R - R"));
    assertEquals("LOST", on("ANY 1 (b, c)", "- R R"));
    assertEquals("LOST", on("ANY 1 (b, c)", "R O O"));
    assertEquals("LOST", on("ANY 1 (b, c)", "R D D"));
    assertEquals("LOST", on("*", "R - -"));
    assertEquals("CONFIRMED", on("", "R - -"));
  }

  @Test
  void whatCannotBeSeenIsNotJudged() {
    assertEquals("NOT_JUDGED", on("ANY 1 (b, c)", "R X -"));
    assertEquals("NOT_JUDGED", on("ANY 1 (b, c)", "R U -"));
    assertEquals("NOT_JUDGED", on("ANY 1 (b, c)", "X R -"));
    assertEquals("NOT_JUDGED", on("ANY 1 (b, archive)", "R - -"));
    assertEquals("LOST", on("ANY 2 (b, archive)", "R - -"));
  }

  @Test
  void whoHasNoImageForAReasonIsNeitherSeenNorUnknown() {
    assertEquals("NOT_JUDGED", on("ANY 2 (b, d)", "R R -"));
    spoiled = Set.of("d");
    assertEquals("CONFIRMED", on("ANY 2 (b, d)", "R R -"));
    assertEquals("LOST", on("ANY 2 (b, d)", "R - R"), "one good copy must be left");
    spoiled = Set.of();
    aside = Set.of("d");
    assertEquals("LOST", on("ANY 2 (b, d)", "R R -"));
    assertEquals("CONFIRMED", on("ANY 1 (b, d)", "R R -"));
  }

  @Test
  void commitsJudgedByTheLogAloneAreCountedApart() {
    assertEquals("CONFIRMED_BY_COMMIT_LOG", on("ANY 1 (b, c)", "L L -"));
  }

  @Test
  void localAndCutShortAreOwedByThePrimaryAlone() {
    assertEquals("CONFIRMED", judge("local", "ANY 1 (b, c)", false, "R - -"));
    assertEquals("LOST", judge("local", "ANY 1 (b, c)", false, "- R R"));
    assertEquals("CONFIRMED", judge("on", "ANY 1 (b, c)", true, "R - -"));
    assertEquals("LOST", judge("on", "ANY 1 (b, c)", true, "- - -"));
  }

  @Test
  void asynchronousMayBeLost() {
    assertEquals("LOST_AS_ALLOWED", judge("off", "", false, "- - -"));
    assertEquals("LOST_AS_ALLOWED", judge("off", "", false, "O - -"));
    assertEquals("CONFIRMED", judge("off", "", false, "R - -"));
  }

  @Test
  void remoteWriteIsOwedByStandbysThatKeepTheirPageCache() {
    assertEquals("LOST", judge("remote_write", "ANY 1 (b, c)", false, "R - -"));
    kind = ImageKind.SYNCED_ONLY;
    assertEquals("CONFIRMED", judge("remote_write", "ANY 1 (b, c)", false, "R - -"));
    assertEquals("LOST", judge("remote_write", "ANY 1 (b, c)", false, "- - -"));
    assertEquals("LOST", on("ANY 1 (b, c)", "R - -"));
  }

  @Test
  void afterAFailoverThePromotedLineCounts() {
    assertEquals("CONFIRMED", on("ANY 1 (b, c)", "R R2 -"));
    assertEquals("CONFIRMED", on("ANY 1 (b, c)", "R R2 -2"));
    assertEquals("LOST", on("ANY 1 (b, c)", "R -2 R"));
    assertEquals("LOST", on("ANY 1 (b, c)", "R O2 -"));
    assertEquals("NOT_JUDGED", on("ANY 1 (b, c)", "R U2 -"));
    assertEquals("LOST", on("ANY 1 (b, c)", "R V2 -"), "its record is elsewhere");
    assertEquals("LOST_AS_ALLOWED", judge("on", "ANY 1 (b, c)", true, "R V2 V2"));
    assertEquals("LOST_AS_ALLOWED", judge("local", "ANY 1 (b, c)", false, "R -2 -"));
    assertEquals("LOST_AS_ALLOWED", judge("off", "ANY 1 (b, c)", false, "R -2 -"));
    assertEquals("LOST_AS_ALLOWED", judge("on", "ANY 1 (b, c)", true, "R -2 -"));
    assertEquals("LOST", judge("remote_write", "ANY 1 (b, c)", false, "R -2 -"));
    for (ImageKind each : List.of(ImageKind.POWER_CUT, ImageKind.RECOVERED_FROM_POWER_CUT)) {
      kind = each;
      assertEquals("LOST_AS_ALLOWED", judge("remote_write", "ANY 1 (b, c)", false, "R -2 -"));
    }
  }

  @Test
  void rolledBackMustBeCommittedNowhereAndUnknownIsToldAsFound() {
    assertEquals("ROLLED_BACK", outcome(Outcome.ROLLED_BACK, "- - O"));
    assertEquals("ROLLED_BACK_YET_COMMITTED", outcome(Outcome.ROLLED_BACK, "- R -"));
    assertEquals("UNDECIDED", outcome(Outcome.ROLLED_BACK, "- U -"));
    assertEquals("RECOVERED", outcome(Outcome.INDETERMINATE, "R - -"));
    assertEquals("DID_NOT_HAPPEN", outcome(Outcome.INDETERMINATE, "- O -"));
    assertEquals("UNDECIDED", outcome(Outcome.INDETERMINATE, "- X -"));
  }

  /**
   * A rejoined node has a commit log and no old WAL; another one's WAL tells whose commit it is.
   */
  @Test
  void aCommitLogIsReadByTheWalOfAnotherNodeOfTheLine() {
    assertEquals("UNDECIDED", outcome(Outcome.ROLLED_BACK, "L2 - -2"));
    assertEquals("ROLLED_BACK", outcome(Outcome.ROLLED_BACK, "L2 - O2"));
    assertEquals("UNDECIDED", outcome(Outcome.ROLLED_BACK, "L2 O -2"), "O is of another line");
    assertEquals("LOST_AS_ALLOWED", judge("off", "ANY 1 (b, c)", false, "L2 - O2"));
    assertEquals("LOST", on("ANY 1 (b, c)", "L2 - O2"));
    assertEquals("CONFIRMED_BY_COMMIT_LOG", on("ANY 1 (b, c)", "L2 - L2"));
  }

  private String on(String standbys, String nodes) {
    return judge("on", standbys, false, nodes);
  }

  private String judge(String level, String standbys, boolean unreplicated, String nodes) {
    Promise promise =
        new Promise(CommitLevel.parse(level), StandbyRule.parse(standbys), unreplicated, false);
    return judge(promise, Outcome.ACKNOWLEDGED, nodes);
  }

  private String outcome(Outcome outcome, String nodes) {
    Promise promise = new Promise(CommitLevel.ON, StandbyRule.parse("ANY 1 (b, c)"), false, false);
    return judge(promise, outcome, nodes);
  }

  private String judge(Promise promise, Outcome outcome, String nodes) {
    Claim claim = new Claim(1, 0, 0, outcome, 700, 1, 0, "a", List.of(), promise);
    List<NodeReport> reports = new ArrayList<>();
    List<NodeImage> images = new ArrayList<>();
    List<Copy> copies = new ArrayList<>();
    String[] states = nodes.split(" ");
    for (int i = 0; i < states.length; i++) {
      String name = List.of("a", "b", "c").get(i);
      NodeImage.Role role = i == 0 ? NodeImage.Role.PRIMARY : NodeImage.Role.STANDBY;
      int timeline = states[i].length() > 1 ? states[i].charAt(1) - '0' : 1;
      char state = states[i].charAt(0);
      images.add(
          new NodeImage(name, role, kind, new FolderDataDirectory(java.nio.file.Path.of(name))));
      reports.add(
          new NodeReport(
              name,
              role,
              kind,
              name,
              state == 'X' ? "gone" : "",
              timeline,
              "1",
              Lsn.INVALID,
              Lsn.INVALID,
              "end of data",
              Lsn.INVALID,
              0,
              0,
              List.of()));
      copies.add(copy(name, state));
    }
    Judge judge = new Judge(AuditInput.of(images).spoiled(spoiled).aside(aside).build(), reports);
    return judge.judge(claim, copies).judgement().name();
  }

  private static Copy copy(String node, char state) {
    Presence presence =
        switch (state) {
          case 'R', 'D' -> Presence.RECORD;
          case 'L' -> Presence.LOG_ONLY;
          case 'O' -> Presence.OTHER;
          case 'U', 'V' -> Presence.UNPROVEN;
          case 'X' -> Presence.UNREADABLE;
          default -> Presence.ABSENT;
        };
    LogStatus after =
        state == 'D' || state == '-' || state == 'X' ? LogStatus.NONE : LogStatus.COMMITTED;
    int timeline = presence == Presence.RECORD ? 1 : 0;
    Lsn lsn = new Lsn(state == 'V' ? 0x2000 : state == 'U' ? 0x1000 : timeline * 0x1000L);
    return new Copy(node, presence, timeline, lsn, lsn, "", 0, 0, 0, LogStatus.NONE, after);
  }
}
