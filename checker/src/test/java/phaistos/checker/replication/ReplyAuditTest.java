package phaistos.checker.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import phaistos.checker.Verdict;
import phaistos.checker.replication.ReplyReport.Claim;
import phaistos.checker.replication.ReplyReport.Violation;
import phaistos.formats.DataDirectory;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalLayout;
import phaistos.formats.wal.WalRecord;

/**
 * A standby n2 receives WAL with segments of 1 MB: it writes, syncs, replays and replies. Each test
 * lets it do something wrong in between.
 */
class ReplyAuditTest {
  private static final int SEGMENT = 1 << 20;
  private static final WalLayout LAYOUT = new WalLayout(SEGMENT);
  private static final WalLayout.PageSource SOURCE = new WalLayout.PageSource(1, 42, true);

  private final ReplyAudit audit = new ReplyAudit(SEGMENT);
  private final Files durable = new Files();
  private final Files cached = new Files();

  /** The primary's WAL: records of any length, one after the other. */
  private final byte[] wal = new byte[3 * SEGMENT];

  private Lsn end = new Lsn(SEGMENT);
  private Lsn previous = Lsn.INVALID;
  private Lsn written = new Lsn(SEGMENT);
  private Lsn replayed = new Lsn(SEGMENT);

  /** A directory in memory whose files are as long as a segment. */
  private static final class Files implements DataDirectory {
    private final TreeMap<String, byte[]> files = new TreeMap<>();

    private byte[] file(String path) throws NoSuchFileException {
      byte[] file = files.get(path);
      if (file == null) {
        throw new NoSuchFileException(path);
      }
      return file;
    }

    @Override
    public List<String> list(String directory) {
      return List.copyOf(files.keySet());
    }

    @Override
    public long size(String path) throws NoSuchFileException {
      return file(path).length;
    }

    @Override
    public byte[] read(String path, long offset, int length) throws NoSuchFileException {
      byte[] file = file(path);
      int from = (int) Math.min(offset, file.length);
      return Arrays.copyOfRange(file, from, Math.min(file.length, from + length));
    }

    @Override
    public String describe() {
      return "test";
    }
  }

  private static String path(Lsn at) {
    return "pg_wal/" + LAYOUT.segmentName(1, at);
  }

  /** The primary inserts a record with this much data. */
  private Lsn insert(int length) {
    WalRecord record = WalRecord.of(new Xid(700), Rmgr.XLOG, 0x20, new byte[length]);
    Lsn start = LAYOUT.startAfter(end);
    WalLayout.Placed placed = LAYOUT.place(record.unsealed().seal(previous), start, SOURCE);
    System.arraycopy(placed.bytes(), 0, wal, (int) placed.at().value(), placed.bytes().length);
    previous = start;
    end = placed.end();
    return end;
  }

  private Lsn insertSwitch() {
    WalRecord record = WalRecord.of(new Xid(0), Rmgr.XLOG, 0x40, new byte[0]);
    Lsn start = LAYOUT.startAfter(end);
    WalLayout.Placed placed = LAYOUT.placeSwitch(record.unsealed().seal(previous), start, SOURCE);
    System.arraycopy(placed.bytes(), 0, wal, (int) placed.at().value(), placed.bytes().length);
    previous = start;
    end = placed.end();
    return end;
  }

  /** The standby writes what the primary has up to here. */
  private void write(Lsn to) {
    for (Lsn at = written; at.compareTo(to) < 0; ) {
      int offset = LAYOUT.segmentOffset(at);
      int length = (int) Math.min(SEGMENT - offset, to.minus(at));
      byte[] file = cached.files.computeIfAbsent(path(at), _ -> new byte[SEGMENT]);
      System.arraycopy(wal, (int) at.value(), file, offset, length);
      at = at.plus(length);
    }
    written = to;
  }

  private void sync() {
    durable.files.clear();
    cached.files.forEach((path, bytes) -> durable.files.put(path, bytes.clone()));
  }

  private void reply(Lsn flushed) {
    reply(written, flushed, replayed);
  }

  private void reply(Lsn wrote, Lsn flushed, Lsn applied) {
    audit.replies(
        new ReplyAudit.Reply("n2", 5, 1, wrote, flushed, applied, replayed, durable, cached));
  }

  private Violation only() {
    List<Violation> violations = audit.report(List.of(), 0).violations();
    assertEquals(1, violations.size(), violations.toString());
    assertTrue(audit.report(List.of(), 0).verdict() instanceof Verdict.Invalid);
    return violations.getFirst();
  }

  @BeforeEach
  void begin() {
    audit.streams("n2");
  }

  @Test
  void repliesThatAreTrueAreValid() {
    reply(written);
    for (int i = 0; i < 200; i++) {
      insert(i * 97 % 30_000);
      write(end);
      reply(written.equals(end) && i > 0 ? replayed : new Lsn(SEGMENT));
      sync();
      reply(end);
      replayed = end;
      reply(end);
    }
    assertTrue(end.value() > 2 * SEGMENT, "the WAL passes into another segment: " + end);
    assertEquals(Verdict.VALID, audit.report(List.of(), 0).verdict());
    assertEquals(601, audit.report(List.of(), 0).replies());
    assertTrue(
        audit.report(List.of(), 0).bytes() > 2L * (end.value() - SEGMENT - 100), "both copies");
  }

  @Test
  void positionsWithinARecordAndAHeaderAreTrue() {
    insert(20_000);
    for (long at = SEGMENT; at <= end.value(); at += 1021) {
      write(new Lsn(at));
      sync();
      reply(new Lsn(at));
    }
    for (int inHeader = 1; inHeader < 24; inHeader++) {
      Lsn at = new Lsn(SEGMENT + 3 * 8192 + inHeader);
      insert(9000);
      write(at.compareTo(written) > 0 ? at : written);
      sync();
      reply(written);
    }
    assertEquals(
        Verdict.VALID, audit.report(List.of(), 0).verdict(), audit.report(List.of(), 0).toString());
  }

  @Test
  void aSegmentThatEndsEarlyIsOneChainWithTheNext() {
    insert(100);
    insertSwitch();
    insert(100);
    write(end);
    sync();
    reply(end);
    assertEquals(
        Verdict.VALID, audit.report(List.of(), 0).verdict(), audit.report(List.of(), 0).toString());
  }

  @Test
  void aRecordThatBeganBeforeTheStreamIsNotJudged() {
    end = new Lsn(2 * SEGMENT - 2000);
    previous = new Lsn(SEGMENT);
    insert(30_000);
    insert(100);
    written = new Lsn(2 * SEGMENT);
    write(end);
    sync();
    reply(end);
    assertEquals(
        Verdict.VALID, audit.report(List.of(), 0).verdict(), audit.report(List.of(), 0).toString());
  }

  @Test
  void flushedBeforeTheSyncIsFalse() {
    Lsn first = insert(100);
    write(first);
    sync();
    reply(first);
    Lsn second = insert(100);
    write(second);
    reply(second);
    Violation violation = only();
    assertEquals(Claim.FLUSHED, violation.claim());
    assertEquals(second, violation.claimed());
    assertTrue(violation.left().compareTo(first) >= 0, violation.toString());
    assertTrue(violation.left().compareTo(second) < 0, violation.toString());
    assertEquals("pg_wal/000000010000000000000001", violation.file());
    assertEquals(LAYOUT.segmentOffset(violation.left()), violation.offset());
    assertEquals("its bytes are not synced", violation.why());
    reply(second);
    assertEquals(1, audit.report(List.of(), 0).violations().size(), "the first of a stream");
  }

  @Test
  void aNameThatIsNotDurableIsFalse() {
    insert(100);
    write(end);
    reply(end);
    assertEquals("no file of this name is left", only().why());
  }

  @Test
  void aWriteThatWasLostIsFoundWhenItsRecordEnds() {
    insert(100);
    Lsn lost = insert(100);
    write(end);
    Arrays.fill(
        cached.files.get(path(lost)),
        LAYOUT.segmentOffset(lost) - 60,
        LAYOUT.segmentOffset(lost) - 20,
        (byte) 7);
    sync();
    reply(end);
    Violation violation = only();
    assertEquals("the CRC of the record is wrong", violation.why());
    assertTrue(violation.left().compareTo(lost) < 0);
  }

  @Test
  void aPositionBehindTheLastRecordIsFalse() {
    insert(100);
    write(end);
    sync();
    reply(end.plus(8192));
    assertEquals("no record begins here", only().why());
    assertEquals(end, only().left());
  }

  @Test
  void writtenIsHeldAgainstThePageCache() {
    insert(100);
    write(end);
    sync();
    reply(end.plus(80), end, replayed);
    assertEquals(Claim.WRITTEN, only().claim());
  }

  @Test
  void appliedIsHeldAgainstReplay() {
    insert(100);
    write(end);
    sync();
    reply(end, end, end);
    Violation violation = only();
    assertEquals(Claim.APPLIED, violation.claim());
    assertEquals(replayed, violation.left());
  }

  @Test
  void aRecordThatDoesNotFollowTheOneBeforeIsFalse() {
    insert(100);
    Lsn before = previous;
    insert(100);
    previous = before;
    insert(100);
    write(end);
    sync();
    reply(end);
    assertTrue(only().why().startsWith("the record before is said to be"), only().why());
  }

  @Test
  void anotherStreamIsJudgedAnew() {
    insert(100);
    write(end);
    reply(end);
    audit.streams("n2");
    sync();
    reply(end);
    assertEquals(1, audit.report(List.of(), 0).violations().size());
    assertEquals(2, audit.report(List.of(), 0).replies());
  }

  @Test
  void nothingSaidIsUnknown() {
    assertTrue(audit.report(List.of(), 0).verdict() instanceof Verdict.Unknown);
  }

  @Test
  void theReportIsReadBackAsItWasWritten() {
    insert(100);
    write(end);
    reply(end);
    ReplyReport report = audit.report(List.of(), 0).since(3);
    assertEquals(report, ReplyReport.ofEdn(report.toEdn()));
    assertEquals(2, report.violations().getFirst().timeNanos());
  }
}
