package phaistos.checker.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.checker.Verdict;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/** Audits of what a real PostgreSQL 15 left behind after crashes and failovers. */
class CorpusAuditTest {
  @TempDir private Path temporary;

  @Test
  void asynchronousCommitsThatACrashTookAreLostAsTheirLevelAllows() throws Exception {
    Path corpus = Corpora.unpack("04_async", temporary);
    for (String state : List.of("before", "after", "after_reuse")) {
      Path node = corpus.resolve(state);
      AuditReport report = audit(asyncHistory(node, false, false), Corpora.primary("a", node));
      assertEquals(301, report.counts().confirmed(), state + full(report));
      assertEquals(200, report.counts().of(Judgement.LOST_AS_ALLOWED), state + full(report));
      assertEquals(Verdict.VALID, report.verdict(), state + full(report));
    }
  }

  @Test
  void transactionsWhoseXidsWereHandedOutAgainAreLostAndNotConfirmed() throws Exception {
    Path node = Corpora.unpack("04_async", temporary).resolve("after_reuse");
    for (boolean texts : new boolean[] {false, true}) {
      AuditReport report = audit(asyncHistory(node, texts, false), Corpora.primary("a", node));
      List<TransactionFinding> reused =
          all(report).stream()
              .filter(f -> f.claim().xid() >= 1026 && f.claim().xid() <= 1045)
              .toList();
      assertEquals(20, reused.size());
      for (TransactionFinding finding : reused) {
        assertEquals(Judgement.LOST_AS_ALLOWED, finding.judgement(), full(report));
        assertEquals(Presence.OTHER, finding.copies().getFirst().presence(), full(report));
        assertEquals(LogStatus.COMMITTED, finding.copies().getFirst().after());
      }
      assertEquals(301, report.counts().confirmed(), full(report));
    }
  }

  @Test
  void theSameLossesUnderLevelOnAreViolations() throws Exception {
    Path node = Corpora.unpack("04_async", temporary).resolve("after_reuse");
    AuditReport report = audit(asyncHistory(node, false, true), Corpora.primary("a", node));
    assertEquals(200, report.counts().lost(), full(report));
    assertInstanceOf(Verdict.Invalid.class, report.verdict());
  }

  @Test
  void everyAcknowledgedCommitOfACrashUnderLoadIsOnPrimaryAndStandby() throws Exception {
    Path corpus = Corpora.unpack("05_crash_load", temporary);
    Path standby = corpus.resolve("standby_before");
    HistoryBuilder history = new HistoryBuilder().level("on", "ANY 1 (b, c)");
    for (String[] row : Corpora.rows(standby.resolve("acked.tsv"))) {
      long xid = row[3].equals("?") ? 0 : Long.parseLong(row[3]);
      if (row[5].startsWith("INSERT")) {
        history.ok(xid, Long.parseLong(row[4]));
      } else if (xid != 0) {
        history.info(xid);
      }
    }
    AuditReport report =
        audit(
            history.build(),
            Corpora.primary("a", corpus.resolve("primary_before")),
            Corpora.standby("b", standby));
    assertEquals(10422, report.counts().acknowledged(), full(report));
    assertEquals(10422, report.counts().confirmed(), full(report));
    assertEquals(Verdict.VALID, report.verdict(), full(report));
  }

  @Test
  void afterAPromotionTheCommitsOfTheOldPrimaryAloneAreLost() throws Exception {
    Path corpus = Corpora.unpack("06_promoted", temporary);
    NodeImage[] nodes = {
      Corpora.primary("a", corpus.resolve("old_primary")),
      Corpora.standby("b", corpus.resolve("new_primary"))
    };
    AuditReport local = audit(promotedHistory(corpus, ""), nodes);
    assertEquals(Verdict.VALID, local.verdict(), full(local));
    assertEquals(21, local.counts().of(Judgement.LOST_AS_ALLOWED), full(local));
    AuditReport synchronous = audit(promotedHistory(corpus, "ANY 1 (b)"), nodes);
    assertEquals(21, synchronous.counts().lost(), full(synchronous));
    for (TransactionFinding problem : synchronous.problems()) {
      String marker = problem.claim().markers().getFirst().toString();
      assertTrue(marker.startsWith("\"old primary"), marker);
    }
    assertEquals(
        synchronous.counts().rolledBack(),
        synchronous.counts().of(Judgement.ROLLED_BACK),
        full(synchronous));
  }

  @Test
  void aCommitWhoseWaitWasCancelledIsOwedByThePrimaryOnly() throws Exception {
    Path corpus = Corpora.unpack("10_cancelled_wait", temporary);
    NodeImage primary = Corpora.primary("a", corpus.resolve("primary_before"));
    NodeImage c = Corpora.standby("c", corpus.resolve("standby_c"));
    AuditReport before =
        audit(
            cancelledHistory(true), primary, Corpora.standby("b", corpus.resolve("standby_b")), c);
    assertEquals(Verdict.VALID, before.verdict(), full(before));
    assertEquals(11, before.counts().of(Judgement.CONFIRMED), full(before));
    assertEquals(2, before.counts().of(Judgement.RECOVERED), full(before));

    NodeImage promoted = Corpora.standby("b", corpus.resolve("standby_b_promoted"));
    AuditReport after = audit(cancelledHistory(true), primary, promoted, c);
    assertEquals(Verdict.VALID, after.verdict(), full(after));
    assertEquals(1, after.counts().of(Judgement.LOST_AS_ALLOWED), full(after));

    AuditReport unmarked = audit(cancelledHistory(false), primary, promoted, c);
    assertEquals(1, unmarked.counts().lost(), full(unmarked));
    assertEquals(735, unmarked.problems().getFirst().claim().xid());
  }

  private static History<UntypedCall> cancelledHistory(boolean unreplicated) {
    HistoryBuilder history = new HistoryBuilder().level("on", "ANY 1 (b, c)");
    for (int i = 0; i < 10; i++) {
      history.ok(725 + i, "acked, replicated " + i);
    }
    return history
        .ok(
            735,
            details ->
                details.marker(HistoryBuilder.markers("cancelled wait")).unreplicated(unreplicated))
        .info(736, "terminated wait")
        .info(0, "waiting at kill -9")
        .build();
  }

  private static History<UntypedCall> promotedHistory(Path corpus, String standbys)
      throws IOException {
    Pattern line =
        Pattern.compile(
            "-- xid (\\d+): begin; insert .* values \\('(.*)'\\); (commit|rollback) .*");
    HistoryBuilder history = new HistoryBuilder();
    for (String text : Files.readAllLines(corpus.resolve("MANIFEST.md"))) {
      Matcher matcher = line.matcher(text);
      if (!matcher.matches()) {
        continue;
      }
      String marker = matcher.group(2);
      history.level("on", marker.startsWith("new primary") ? "" : standbys);
      long xid = Long.parseLong(matcher.group(1));
      int timeline = marker.startsWith("new primary") ? 2 : 1;
      String node = timeline == 2 ? "b" : "a";
      if (matcher.group(3).equals("commit")) {
        history.ok(
            xid,
            details ->
                details.marker(HistoryBuilder.markers(marker)).timeline(timeline).node(node));
      } else {
        history.fail(xid, marker);
      }
    }
    return history.build();
  }

  private static History<UntypedCall> asyncHistory(Path node, boolean texts, boolean allOn)
      throws IOException {
    HistoryBuilder history = new HistoryBuilder();
    for (String[] row : Corpora.rows(node.resolve("acked.tsv"))) {
      long xid = Long.parseLong(row[3]);
      String prefix = xid < 825 ? "sync" : xid < 1025 ? "async1" : xid < 1026 ? "sync2" : "async2";
      history.level(allOn ? "on" : row[6], "");
      if (texts) {
        history.ok(xid, prefix + "c" + row[1] + "-" + row[2]);
      } else {
        history.ok(xid, Long.parseLong(row[4]));
      }
    }
    return history.build();
  }

  private static AuditReport audit(History<UntypedCall> history, NodeImage... nodes) {
    return Audits.audit(history, AuditInput.of(List.of(nodes)));
  }

  private static List<TransactionFinding> all(AuditReport report) {
    List<TransactionFinding> findings = new ArrayList<>();
    report.transactions().forEach(findings::add);
    return findings;
  }

  private static String full(AuditReport report) {
    return "\n" + String.join("\n", TextReport.full(report, report.transactions().size() < 120));
  }
}
