package phaistos.checker.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import phaistos.formats.CommitLog;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;

/** Pages and hint bits that a primary must not write yet; each beside the same a moment later. */
class WriteAuditTest {
  private static final Xid WRITER = new Xid(40_000);
  private static final Lsn COMMIT = new Lsn(500);

  private final WriteAudit audit = new WriteAudit(3_000_000_000L);

  /** A row that this transaction inserted, on a page that was changed last at this position. */
  private static byte[] table(Lsn changed, int hints) {
    byte[] bytes = new byte[HeapPage.BYTES];
    HeapPage page = HeapPage.initialize(bytes);
    page.setLsn(changed);
    TupleHeader header =
        new TupleHeader(
            WRITER,
            Xid.INVALID,
            0,
            0,
            1,
            1,
            hints | TupleHeader.XMAX_INVALID,
            TupleHeader.ALIGNED_BYTES);
    byte[] tuple = new byte[TupleHeader.ALIGNED_BYTES + 8];
    System.arraycopy(header.encode(), 0, tuple, 0, TupleHeader.BYTES);
    page.insert(tuple);
    return bytes;
  }

  private static byte[] commitLog() {
    byte[] page = new byte[CommitLog.PAGE_BYTES];
    CommitLog.set(page, WRITER, CommitLog.Status.COMMITTED);
    return page;
  }

  private Optional<String> written(String path, long offset, byte[] page, long flushed) {
    audit.commits("n1", 0, List.of(WRITER), COMMIT, new Lsn(300));
    audit.writes("n1", 2_000_000_000L, path, offset, page, new Lsn(flushed));
    return audit.early(0);
  }

  @Test
  void aPageThatWasChangedBehindTheFlushedWalIsTooEarly() {
    assertEquals(
        Optional.of(
            "n1 writes base/5/16384, offset 0, while its WAL is flushed up to 0/12C: the page was"
                + " changed at 0/12D (at 2.000000 s)"),
        written("base/5/16384", 0, table(new Lsn(301), 0), 300));
  }

  @Test
  void aPageThatWasChangedUpToTheFlushedWalIsNot() {
    assertEquals(Optional.empty(), written("base/5/16384", 0, table(new Lsn(300), 0), 300));
  }

  @Test
  void aHintBitOnAWrittenPageIsTooEarlyUntilItsCommitIsFlushed() {
    byte[] page = table(new Lsn(300), TupleHeader.XMIN_COMMITTED);
    String early = written("base/5/16384", 0, page, 499).orElse("");
    assertTrue(early.contains("a hint bit of row 1 says that transaction 40000 committed"), early);
  }

  @Test
  void aHintBitOfAFlushedCommitIsNot() {
    byte[] page = table(new Lsn(300), TupleHeader.XMIN_COMMITTED);
    assertEquals(Optional.empty(), written("base/5/16384", 0, page, 500));
  }

  /** Transaction 40000 is on the second page of the commit log. */
  @Test
  void aPageOfTheCommitLogIsTooEarlyUntilItsCommitsAreFlushed() {
    String early = written("pg_xact/0000", CommitLog.PAGE_BYTES, commitLog(), 499).orElse("");
    assertTrue(early.contains("the page says that transaction 40000 committed"), early);
  }

  @Test
  void anotherPageOfTheCommitLogAndAFlushedCommitAreNot() {
    assertEquals(Optional.empty(), written("pg_xact/0000", 0, commitLog(), 499));
    assertEquals(Optional.empty(), written("pg_xact/0000", CommitLog.PAGE_BYTES, commitLog(), 500));
  }

  /** The WAL is flushed up to a page's LSN before the page is written. */
  @Test
  void aHintBitIsTooEarlyWhenItIsSetUnlessThePageIsFlushedBehindItsCommit() {
    audit.commits("n1", 0, List.of(WRITER), COMMIT, new Lsn(300));
    audit.hints("n1", 0, WRITER, COMMIT, new Lsn(300));
    assertEquals(Optional.empty(), audit.early(0));
    audit.hints("n2", 0, WRITER, new Lsn(300), new Lsn(300));
    assertEquals(Optional.empty(), audit.early(0));
    audit.hints("n1", 0, WRITER, new Lsn(300), new Lsn(300));
    String early = audit.early(0).orElse("");
    assertTrue(early.startsWith("n1 may write a page at any time"), early);
  }

  @Test
  void aServerThatStartedAgainOwesNothingOfBefore() {
    audit.commits("n1", 0, List.of(WRITER), COMMIT, new Lsn(300));
    audit.starts("n1");
    audit.hints("n1", 0, WRITER, new Lsn(300), new Lsn(300));
    assertEquals(Optional.empty(), audit.early(0));
  }

  private Optional<String> commitsEveryTenth(int tenths, long flushedFrom) {
    audit.commits("n1", 0, List.of(WRITER), COMMIT, new Lsn(300));
    for (int i = 1; i <= tenths; i++) {
      Lsn flushed = new Lsn(i < flushedFrom ? 300 : 490 + 10 * i);
      Xid other = new Xid(WRITER.value() + i);
      audit.commits("n1", i * 100_000_000L, List.of(other), new Lsn(500 + 10 * i), flushed);
    }
    return audit.early(0);
  }

  @Test
  void aCommitThatStaysUnflushedIsFound() {
    String late = commitsEveryTenth(40, 1000).orElse("");
    assertTrue(late.contains("transaction 40000 ends at 0/1F4, and is not flushed after"), late);
  }

  @Test
  void aCommitThatIsFlushedInTimeIsNot() {
    assertEquals(Optional.empty(), commitsEveryTenth(29, 1000));
    assertEquals(Optional.empty(), commitsEveryTenth(40, 25));
  }

  /** A server that stands still flushes nothing. */
  @Test
  void timeInWhichANodeDoesNothingDoesNotCount() {
    audit.commits("n1", 0, List.of(WRITER), COMMIT, new Lsn(300));
    Xid other = new Xid(WRITER.value() + 1);
    audit.commits("n1", 60_000_000_000L, List.of(other), new Lsn(600), new Lsn(300));
    assertEquals(Optional.empty(), audit.early(0));
  }
}
