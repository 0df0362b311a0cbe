package phaistos.checker.durability;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import phaistos.checker.CheckContext;
import phaistos.formats.CommitLog;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.Xid;
import phaistos.formats.redo.TimelineHole;
import phaistos.formats.wal.WalReader;
import phaistos.formats.wal.WalRecord;

/**
 * Checks between the files, whatever clients were told: commit log and WAL agree on each node, and
 * nodes agree on shared timelines.
 */
final class StructureChecks {
  private static final int MAX_KEPT = 100_000;

  private final List<NodeEvidence> nodes;
  private final AuditInput input;
  private final CheckContext context;
  private final List<Defect> defects = new ArrayList<>();

  StructureChecks(List<NodeEvidence> nodes, AuditInput input, CheckContext context) {
    this.nodes = nodes;
    this.input = input;
    this.context = context;
  }

  List<Defect> find() {
    List<NodeEvidence> readable = nodes.stream().filter(n -> n.files().isPresent()).toList();
    for (NodeEvidence node : readable) {
      walAgainstLog(node, node.files().get());
      forksBackwards(node, node.files().get().line());
      TablePages.check(node, node.files().get(), context, this::add);
    }
    for (int i = 0; i < readable.size(); i++) {
      for (int j = i + 1; j < readable.size(); j++) {
        compareWal(readable.get(i), readable.get(j));
        compareOldLogs(readable.get(i), readable.get(j));
      }
    }
    if (input.isOneInstant()) {
      readable.stream()
          .filter(node -> node.image().role() == NodeImage.Role.PRIMARY)
          .forEach(primary -> readable.forEach(node -> standbyAhead(primary, node)));
    }
    return defects;
  }

  /** A standby may not have WAL of the primary's timeline that the primary has not flushed. */
  private void standbyAhead(NodeEvidence primary, NodeEvidence standby) {
    Lsn flushed = primary.report().walEnd();
    Lsn has = standby.report().walEnd();
    if (standby.report().timeline() == primary.report().timeline() && has.compareTo(flushed) > 0) {
      add(
          new Defect(
              Defect.Kind.STANDBY_AHEAD,
              primary.image().name() + ", " + standby.image().name(),
              flushed.toString(),
              "the standby %s has WAL of timeline %d up to %s, of which its primary %s had flushed"
                      .formatted(
                          standby.image().name(),
                          standby.report().timeline(),
                          has,
                          primary.image().name())
                  + " up to %s only".formatted(flushed)));
    }
  }

  private void add(Defect defect) {
    if (defects.size() < MAX_KEPT) {
      defects.add(defect);
    }
  }

  private void forksBackwards(NodeEvidence node, TimelineHistory line) {
    for (TimelineHistory.Entry entry : TimelineHole.backward(line)) {
      add(
          new Defect(
              Defect.Kind.TIMELINE_FORKS_BACKWARDS,
              node.image().name(),
              TimelineHistory.fileName(line.timeline()),
              "timeline %d was left at %s, before the position at which it began: the node was"
                      .formatted(entry.timeline(), entry.end())
                  + " promoted without WAL of the timeline before, which it had"));
    }
  }

  private void walAgainstLog(NodeEvidence node, NodeEvidence.Files files) {
    Xid oldest = files.control().checkpoint().oldestXid();
    for (Map.Entry<Integer, byte[]> entry : files.scan().statuses().pages().entrySet()) {
      byte[] byWal = entry.getValue();
      Optional<byte[]> byLog = files.log().pageAfterRedo(entry.getKey());
      for (int i = 0; i < CommitLog.XIDS_PER_PAGE; i++) {
        if ((byWal[i >> 2] >> ((i & 3) << 1) & 3) != 1) {
          continue;
        }
        Xid xid = new Xid(CommitLog.firstXid(entry.getKey()).value() + i);
        boolean agrees =
            byLog.isPresent() && CommitLog.get(byLog.get(), xid) == CommitLog.Status.COMMITTED;
        if (!agrees && !xid.precedes(oldest)) {
          LogStatus says = files.log().afterRedo(xid);
          if (says == LogStatus.UNREAD
              || says == LogStatus.FROZEN
              || byLog.isEmpty() && says == LogStatus.COMMITTED) {
            continue;
          }
          add(
              new Defect(
                  Defect.Kind.COMMIT_LOG_LACKS_COMMIT,
                  node.image().name(),
                  place(xid),
                  "the WAL has a commit of transaction %s, the commit log says %s after redo"
                      .formatted(xid, says.word())));
        }
      }
    }
    commitsWithoutRecord(node, files, files.log(), "the commit log");
    // WAL is flushed before a page is written
    node.image()
        .written()
        .map(CommitLogCopy::new)
        .ifPresent(
            written ->
                commitsWithoutRecord(
                    node, files, written, "a page of the commit log that was written"));
  }

  /** Transactions that began in the available WAL must have their commit record in it. */
  private void commitsWithoutRecord(
      NodeEvidence node, NodeEvidence.Files files, CommitLogCopy log, String what) {
    int first = files.scan().firstSureXid();
    if (first == 0) {
      return;
    }
    Xid xid = new Xid(first);
    int last = files.scan().highestXid();
    int lastPage =
        last == 0 || Xid.precedes(last, first)
            ? CommitLog.page(xid)
            : CommitLog.page(new Xid(last));
    for (int page = CommitLog.page(xid);
        !CommitLog.pagePrecedes(lastPage, page);
        page = page == CommitLog.MAX_PAGE ? 0 : page + 1) {
      Optional<byte[]> byLog = log.pageAfterRedo(page);
      byte[] byWal = files.scan().statuses().pages().get(page);
      for (int i = 0; byLog.isPresent() && i < CommitLog.XIDS_PER_PAGE; i++) {
        // of most pages little is used: four transactions of a byte without a status
        if ((i & 3) == 0 && byLog.get()[i >> 2] == 0) {
          i += 3;
          continue;
        }
        Xid candidate = new Xid(CommitLog.firstXid(page).value() + i);
        boolean committed = (byLog.get()[i >> 2] >> ((i & 3) << 1) & 3) == 1;
        boolean recorded = byWal != null && (byWal[i >> 2] >> ((i & 3) << 1) & 3) == 1;
        if (committed && !recorded && candidate.isNormal() && !candidate.precedes(xid)) {
          add(
              new Defect(
                  Defect.Kind.COMMIT_WITHOUT_RECORD,
                  node.image().name(),
                  place(candidate),
                  "%s says that transaction %s committed; its WAL has no commit record"
                      .formatted(what, candidate)));
        }
      }
    }
  }

  private static String place(Xid xid) {
    int page = CommitLog.page(xid);
    long offset =
        (long) CommitLog.pageInSegment(page) * CommitLog.PAGE_BYTES + CommitLog.byteInPage(xid);
    return "%s, offset %d, shift %d"
        .formatted(CommitLog.segmentPath(page), offset, CommitLog.shift(xid));
  }

  /**
   * Blocks of WAL that both nodes have with different checksums are read again to find the record.
   */
  private void compareWal(NodeEvidence a, NodeEvidence b) {
    NodeEvidence.Files left = a.files().get();
    NodeEvidence.Files right = b.files().get();
    Lsn end = min(a.report().walEnd(), b.report().walEnd());
    Lsn start = max(a.report().walStart(), b.report().walStart());
    TreeMap<BlockSums.Block, Long> other = right.scan().sums().sums();
    for (Map.Entry<BlockSums.Block, Long> entry : left.scan().sums().sums().entrySet()) {
      BlockSums.Block block = entry.getKey();
      Long sum = other.get(block);
      if (sum == null || sum.equals(entry.getValue())) {
        continue;
      }
      Optional<Defect> difference =
          firstDifference(a, b, max(block.start(), start), min(block.end(), end));
      if (difference.isPresent()) {
        add(difference.get());
        return;
      }
      if (context.isCancelled()) {
        return;
      }
    }
  }

  private Optional<Defect> firstDifference(NodeEvidence a, NodeEvidence b, Lsn from, Lsn to) {
    if (from.compareTo(to) >= 0) {
      return Optional.empty();
    }
    TimelineHistory leftLine = a.files().get().line();
    TimelineHistory rightLine = b.files().get().line();
    try {
      WalReader left = new WalReader(a.files().get().wal(), from, to);
      WalReader right = new WalReader(b.files().get().wal(), from, to);
      while (left.next() && right.next()) {
        if (leftLine.timelineAt(left.lsn()) != rightLine.timelineAt(right.lsn())) {
          return Optional.empty();
        }
        int leftCrc = WalRecord.storedCrc(left.rawBuffer(), left.rawOffset());
        int rightCrc = WalRecord.storedCrc(right.rawBuffer(), right.rawOffset());
        if (left.lsn().equals(right.lsn()) && leftCrc == rightCrc) {
          continue;
        }
        return Optional.of(
            new Defect(
                Defect.Kind.NODES_DISAGREE,
                a.image().name() + ", " + b.image().name(),
                left.lsn().toString(),
                "timeline %d differs: %s has a record at %s, CRC %08X; %s one at %s, CRC %08X"
                    .formatted(
                        leftLine.timelineAt(left.lsn()),
                        a.image().name(),
                        left.lsn(),
                        leftCrc,
                        b.image().name(),
                        right.lsn(),
                        rightCrc)));
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Transactions that ended before the WAL of both nodes, which begins on one line, ended the same
   * way.
   */
  private void compareOldLogs(NodeEvidence a, NodeEvidence b) {
    NodeEvidence.Files left = a.files().get();
    NodeEvidence.Files right = b.files().get();
    int sureLeft = left.scan().firstSureXid();
    int sureRight = right.scan().firstSureXid();
    Lsn start = max(a.report().walStart(), b.report().walStart());
    boolean sameOrigin = left.line().timelineAt(start) == right.line().timelineAt(start);
    if (sureLeft == 0 || sureRight == 0 || !sameOrigin) {
      return;
    }
    Xid end = new Xid(Xid.precedes(sureLeft, sureRight) ? sureLeft : sureRight);
    Xid oldestLeft = left.control().checkpoint().oldestXid();
    Xid oldestRight = right.control().checkpoint().oldestXid();
    Xid first = oldestLeft.precedes(oldestRight) ? oldestRight : oldestLeft;
    for (int page = CommitLog.page(first);
        first.precedes(end) && !CommitLog.pagePrecedes(CommitLog.page(end), page);
        page = page == CommitLog.MAX_PAGE ? 0 : page + 1) {
      Optional<byte[]> leftPage = left.log().pageAfterRedo(page);
      Optional<byte[]> rightPage = right.log().pageAfterRedo(page);
      if (leftPage.isPresent() && rightPage.isPresent()) {
        comparePages(a, b, page, leftPage.get(), rightPage.get(), first, end);
      }
    }
  }

  private void comparePages(
      NodeEvidence a, NodeEvidence b, int page, byte[] left, byte[] right, Xid start, Xid end) {
    int at = java.util.Arrays.mismatch(left, right);
    for (; at >= 0 && at < left.length; at++) {
      for (int i = 0; left[at] != right[at] && i < 4; i++) {
        Xid xid = new Xid(CommitLog.firstXid(page).value() + at * 4 + i);
        LogStatus one = LogStatus.ofBits(left[at] >> (i << 1) & 3);
        LogStatus two = LogStatus.ofBits(right[at] >> (i << 1) & 3);
        boolean differ =
            (one == LogStatus.COMMITTED) != (two == LogStatus.COMMITTED)
                && xid.isNormal()
                && !xid.precedes(start)
                && xid.precedes(end)
                && !endsInWal(a, xid)
                && !endsInWal(b, xid);
        if (differ) {
          add(
              new Defect(
                  Defect.Kind.NODES_DISAGREE,
                  a.image().name() + ", " + b.image().name(),
                  place(xid),
                  "of transaction %s, older than their WAL, %s says %s, %s says %s"
                      .formatted(xid, a.image().name(), one.word(), b.image().name(), two.word())));
        }
      }
    }
  }

  private static boolean endsInWal(NodeEvidence node, Xid xid) {
    return node.files().get().scan().statuses().get(xid) != LogStatus.NONE;
  }

  private static Lsn min(Lsn a, Lsn b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  private static Lsn max(Lsn a, Lsn b) {
    return a.compareTo(b) >= 0 ? a : b;
  }
}
