package phaistos.checker.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.checker.Verdict;
import phaistos.formats.ByteReader;
import phaistos.formats.ByteWriter;
import phaistos.formats.ControlFile;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.formats.wal.WalRecord;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * Each kind of damage, made by hand in what a real PostgreSQL 15 left behind: a primary a and a
 * standby b, killed under load. Acknowledged: xids 8000 to 8099, whose commits lie before the
 * primary's redo point, and 12000 to 12099, which lie behind it.
 */
class DamageAuditTest {
  @TempDir private Path temporary;
  private Path a;
  private Path b;

  /** From the corpus' table: xid, commit LSN. */
  private List<String[]> truth;

  @BeforeEach
  void unpack() throws Exception {
    Path corpus = Corpora.unpack("05_crash_load", temporary);
    a = corpus.resolve("primary_before");
    b = corpus.resolve("standby_before");
    truth =
        Corpora.rows(a.resolve("truth.tsv")).stream()
            .filter(row -> row[1].equals("committed"))
            .filter(
                row -> {
                  long xid = Long.parseLong(row[0]);
                  return xid / 100 == 80 || xid / 100 == 120;
                })
            .toList();
  }

  @Test
  void withoutDamageNothingIsFound() {
    AuditReport report = audit();
    assertEquals(Verdict.VALID, report.verdict(), full(report));
    assertEquals(truth.size(), report.counts().confirmed(), full(report));
  }

  @Test
  void aGarbledRecordOnTheStandbyLosesItAndEveryLaterCommit() throws IOException {
    String[] victim = truth.get(truth.size() - 30);
    xor(b, segment(lsn(victim)), offset(lsn(victim)) + 30, 0x01);
    AuditReport report = audit();
    Set<Long> expected =
        truth.stream()
            .filter(row -> lsn(row).compareTo(lsn(victim)) >= 0)
            .map(row -> Long.parseLong(row[0]))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(expected, lost(report), full(report));
    assertTrue(full(report).contains("valid WAL ends in damage: record has CRC"), full(report));
  }

  @Test
  void bitsFlippedInTheCommitLogBeforeTheRedoPointLoseThatTransaction() throws IOException {
    flip(a, 8042, 3);
    AuditReport report = audit();
    assertEquals(Set.of(8042L), lost(report), full(report));
    assertEquals(
        List.of(Defect.Kind.COMMIT_LOG_LACKS_COMMIT),
        report.defects().stream().map(Defect::kind).toList());
  }

  @Test
  void bitsFlippedBehindTheRedoPointAreMendedByRedo() throws IOException {
    flip(a, 12042, 1);
    assertEquals(Verdict.VALID, audit().verdict());
  }

  @Test
  void aCommitThatOnlyTheCommitLogHasIsADefect() throws IOException {
    flip(a, 19_500, 1);
    AuditReport report = audit();
    assertEquals(
        List.of(Defect.Kind.COMMIT_WITHOUT_RECORD),
        report.defects().stream().map(Defect::kind).toList(),
        full(report));
    assertTrue(report.verdict() instanceof Verdict.Invalid);
  }

  @Test
  void nodesWithDifferentWalOnOneTimelineDisagree() throws IOException {
    Lsn at = lsn(truth.get(40));
    Path file = b.resolve(segment(at));
    byte[] bytes = Files.readAllBytes(file);
    int from = (int) offset(at);
    bytes[from + 28] ^= 1;
    int length = ByteReader.i32(bytes, from);
    ByteWriter.putI32(bytes, from + 20, WalRecord.crc(bytes, from, length));
    Files.write(file, bytes);
    AuditReport report = audit();
    assertEquals(
        List.of(Defect.Kind.NODES_DISAGREE),
        report.defects().stream().map(Defect::kind).toList(),
        full(report));
    assertEquals(at.toString(), report.defects().getFirst().where());
  }

  @Test
  void nodesWhoseOldCommitLogsDifferDisagree() throws IOException {
    flip(b, 720, 1);
    AuditReport report = audit();
    assertEquals(
        List.of(Defect.Kind.NODES_DISAGREE),
        report.defects().stream().map(Defect::kind).toList(),
        full(report));
    assertTrue(report.defects().getFirst().what().contains("720"), full(report));
  }

  @Test
  void aHintBitThatTheCommitLogDeniesIsADefect() throws IOException {
    byte[] bytes = new byte[HeapPage.BYTES];
    HeapPage page = HeapPage.initialize(bytes);
    page.insert(tuple(12_000, TupleHeader.XMIN_COMMITTED));
    page.insert(tuple(19_500, 0));
    page.insert(tuple(19_501, TupleHeader.XMIN_COMMITTED));
    page.insert(tuple(12_001, TupleHeader.XMIN_INVALID));
    Files.createDirectories(a.resolve("base/5"));
    Files.write(a.resolve("base/5/16385"), bytes);
    AuditReport report = audit();
    assertEquals(
        List.of("base/5/16385, offset 0, row 3", "base/5/16385, offset 0, row 4"),
        report.defects().stream().map(Defect::where).toList(),
        full(report));
  }

  @Test
  void aPageMayNotBeAheadOfTheWalNorOnAStandbyAheadOfWhereItsFilesAreConsistent()
      throws IOException {
    Lsn minimum = ControlFile.read(new FolderDataDirectory(b)).recovery().minimum();
    page(a, "16385", truth.getLast());
    page(b, "16385", minimum);
    assertEquals(List.of(), ahead());
    page(b, "16386", new Lsn(minimum.value() + 8));
    assertEquals(List.of(Defect.Kind.PAGE_AHEAD_OF_MINIMUM), ahead());
    page(a, "16386", Lsn.parse("0/7FFFFFF0"));
    assertEquals(
        List.of(Defect.Kind.PAGE_AHEAD_OF_WAL, Defect.Kind.PAGE_AHEAD_OF_MINIMUM), ahead());
    // plain files say nothing of what was flushed when
    assertEquals(Verdict.VALID, audit().verdict());
  }

  @Test
  void atOneInstantNoStandbyHasMoreThanItsPrimaryHasFlushed() throws IOException {
    assertEquals(List.of(), Audits.audit(history().build(), input().oneInstant()).defects());
    String[] victim = truth.getLast();
    xor(a, segment(lsn(victim)), offset(lsn(victim)) + 30, 0x01);
    assertEquals(
        List.of(Defect.Kind.STANDBY_AHEAD),
        Audits.audit(history().build(), input().oneInstant()).defects().stream()
            .map(Defect::kind)
            .toList());
    assertEquals(List.of(), audit().defects());
  }

  private void page(Path node, String name, String[] row) throws IOException {
    page(node, name, lsn(row));
  }

  private void page(Path node, String name, Lsn lsn) throws IOException {
    byte[] bytes = new byte[HeapPage.BYTES];
    HeapPage page = HeapPage.initialize(bytes);
    page.insert(tuple(12_000, TupleHeader.XMIN_COMMITTED));
    page.setLsn(lsn);
    Files.createDirectories(node.resolve("base/5"));
    Files.write(node.resolve("base/5/" + name), bytes);
  }

  /** What is found if the files hold flushed content only. */
  private List<Defect.Kind> ahead() {
    NodeImage primary = flushed("a", NodeImage.Role.PRIMARY, a);
    NodeImage standby = flushed("b", NodeImage.Role.STANDBY, b);
    AuditReport report = Audits.audit(history().build(), AuditInput.of(List.of(primary, standby)));
    return report.defects().stream().map(Defect::kind).toList();
  }

  private static NodeImage flushed(String name, NodeImage.Role role, Path directory) {
    return new NodeImage(name, role, ImageKind.SYNCED_ONLY, new FolderDataDirectory(directory));
  }

  @Test
  void aNodeThatCannotBeReadMakesTheVerdictUnknown() throws IOException {
    Files.delete(b.resolve("global/pg_control"));
    AuditReport report = audit();
    assertEquals("unknown", report.verdict().word(), full(report));
    Files.delete(a.resolve("global/pg_control"));
    assertEquals("no node could be read", audit().verdict().reason());
  }

  @Test
  void commitsOlderThanTheWalAreJudgedByTheCommitLogAndTheReportSaysSo() throws IOException {
    Files.delete(a.resolve("pg_wal/000000010000000000000009"));
    AuditReport report =
        Audits.audit(acknowledged("local"), AuditInput.of(List.of(Corpora.primary("a", a))));
    assertEquals(Verdict.VALID, report.verdict(), full(report));
    assertTrue(report.counts().of(Judgement.CONFIRMED_BY_COMMIT_LOG) > 1000, full(report));
    assertTrue(full(report).contains("judged by pg_xact"), full(report));
  }

  @Test
  void whereRedoLacksItsWalTheFilesCannotTell() throws IOException {
    Files.delete(b.resolve("pg_wal/000000010000000000000009"));
    Files.delete(b.resolve("pg_wal/00000001000000000000000A"));
    AuditReport report = Audits.audit(acknowledged("on"), input());
    assertEquals("unknown", report.verdict().word(), full(report));
    assertEquals(0, report.counts().lost(), full(report));
  }

  private History<UntypedCall> acknowledged(String level) throws IOException {
    HistoryBuilder history = new HistoryBuilder().level(level, "ANY 1 (b)");
    for (String[] row : Corpora.rows(a.resolve("acked.tsv"))) {
      if (!row[3].equals("?") && Long.parseLong(row[3]) < 18_000) {
        history.ok(Long.parseLong(row[3]), Long.parseLong(row[4]));
      }
    }
    return history.build();
  }

  @Test
  void aNodeOfAnotherDatabaseSystemIsNotCompared() throws Exception {
    b = Corpora.unpack("04_async", temporary).resolve("after");
    AuditReport report = audit();
    assertTrue(full(report).contains("of another database system"), full(report));
    assertEquals("unknown", report.verdict().word(), full(report));
  }

  @Test
  void aHistoryWithoutAcknowledgedCommitsIsUnknown() {
    History<UntypedCall> history = new HistoryBuilder().fail(8042, 1).build();
    AuditReport report = Audits.audit(history, input());
    assertEquals("the history has no acknowledged commits", report.verdict().reason());
  }

  @Test
  void anXidAloneProvesNothing() {
    History<UntypedCall> history =
        new HistoryBuilder().level("on", "ANY 1 (b)").ok(8042, more -> more).build();
    AuditReport report = Audits.audit(history, input());
    assertEquals("unknown", report.verdict().word(), full(report));
    assertEquals(1, report.counts().of(Judgement.NOT_JUDGED), full(report));
  }

  @Test
  void aCommitToldAsRolledBackIsAViolation() {
    Lsn lsn = lsn(truth.getFirst());
    HistoryBuilder history = history();
    history.failAt(Long.parseLong(truth.getFirst()[0]), lsn.value());
    AuditReport report = Audits.audit(history.build(), input());
    assertEquals(1, report.counts().of(Judgement.ROLLED_BACK_YET_COMMITTED), full(report));
    assertEquals("invalid", report.verdict().word());
  }

  @Test
  void aRowThatTheFinalReadDoesNotShowIsLost() throws IOException {
    HistoryBuilder history = new HistoryBuilder().level("on", "ANY 1 (b)");
    Set<Marker> visible = new HashSet<>();
    for (String[] row : Corpora.rows(a.resolve("acked.tsv"))) {
      if (row[3].length() == 5 && row[3].startsWith("12")) {
        history.ok(Long.parseLong(row[3]), Long.parseLong(row[4]));
        visible.add(new Marker.Number(Long.parseLong(row[4])));
      }
    }
    FinalRead whole = new FinalRead("a", Set.copyOf(visible));
    AuditReport sound = Audits.audit(history.build(), input().finalRead(whole));
    assertEquals(Verdict.VALID, sound.verdict(), full(sound));
    Marker missing =
        visible.stream().sorted(Comparator.comparing(Marker::toString)).toList().get(7);
    visible.remove(missing);
    AuditReport report =
        Audits.audit(history.build(), input().finalRead(new FinalRead("a", visible)));
    assertEquals(1, report.counts().lost(), full(report));
    assertTrue(
        full(report).contains("the final read on a does not show its row " + missing),
        full(report));
    AuditReport without = Audits.audit(history().build(), input().expectFinalRead());
    assertEquals("there was no final read", without.verdict().reason());
  }

  /** Its xid was given out again, to a commit of which nothing else is known. */
  @Test
  void theFinalReadDecidesAboutARollbackWhoseXidIsACommits() throws IOException {
    HistoryBuilder history = new HistoryBuilder().level("on", "ANY 1 (b)");
    Set<Marker> visible = new HashSet<>();
    Optional<String[]> other = Optional.empty();
    for (String[] row : Corpora.rows(a.resolve("acked.tsv"))) {
      if (row[3].length() == 5 && row[3].startsWith("12")) {
        if (other.isEmpty()) {
          other = Optional.of(row);
          continue;
        }
        history.ok(Long.parseLong(row[3]), Long.parseLong(row[4]));
        visible.add(new Marker.Number(Long.parseLong(row[4])));
      }
    }
    history.fail(Long.parseLong(other.orElseThrow()[3]), "mine");
    AuditReport without = Audits.audit(history.build(), input());
    assertEquals(1, without.counts().of(Judgement.UNDECIDED), full(without));
    assertEquals("unknown", without.verdict().word(), full(without));
    AuditReport with =
        Audits.audit(history.build(), input().finalRead(new FinalRead("a", Set.copyOf(visible))));
    assertEquals(Verdict.VALID, with.verdict(), full(with));
    visible.add(new Marker.Text("mine"));
    AuditReport shown =
        Audits.audit(history.build(), input().finalRead(new FinalRead("a", visible)));
    assertEquals(1, shown.counts().of(Judgement.ROLLED_BACK_YET_COMMITTED), full(shown));
  }

  @Test
  void onlyWhatWasToldBeforeTheImagesIsOwed() throws IOException {
    String[] victim = truth.get(truth.size() - 1);
    xor(b, segment(lsn(victim)), offset(lsn(victim)) + 30, 0x01);
    assertEquals(1, audit().counts().lost());
    int events = history().build().size();
    AuditReport report = Audits.audit(history().build(), input().until(events - 1));
    assertEquals(Verdict.VALID, report.verdict(), full(report));
  }

  private static byte[] tuple(int xmin, int infomask) {
    byte[] tuple = new byte[32];
    TupleHeader header =
        new TupleHeader(
            new Xid(xmin), Xid.INVALID, 0, 0, 1, 1, infomask | TupleHeader.XMAX_INVALID, 24);
    System.arraycopy(header.encode(), 0, tuple, 0, TupleHeader.BYTES);
    return tuple;
  }

  private HistoryBuilder history() {
    HistoryBuilder history = new HistoryBuilder().level("on", "ANY 1 (b)");
    for (String[] row : truth) {
      history.ok(Long.parseLong(row[0]), more -> more.lsn(lsn(row).value()).timeline(1));
    }
    return history;
  }

  private AuditInput.Builder input() {
    return AuditInput.of(List.of(Corpora.primary("a", a), Corpora.standby("b", b)));
  }

  private AuditReport audit() {
    return Audits.audit(history().build(), input());
  }

  private static Set<Long> lost(AuditReport report) {
    return report.problems().stream()
        .map(problem -> problem.claim().xid())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Lsn lsn(String[] row) {
    return Lsn.parse(row[2]);
  }

  private static String segment(Lsn lsn) {
    return "pg_wal/0000000100000000%08X".formatted(lsn.value() >> 20);
  }

  private static long offset(Lsn lsn) {
    return lsn.value() & 0xFFFFF;
  }

  private static void flip(Path node, long xid, int bits) throws IOException {
    xor(node, "pg_xact/0000", xid / 4, bits << xid % 4 * 2);
  }

  private static void xor(Path node, String path, long offset, int bits) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(node.resolve(path).toFile(), "rw")) {
      file.seek(offset);
      int value = file.read();
      file.seek(offset);
      file.write(value ^ bits);
    }
  }

  private static String full(AuditReport report) {
    return "\n" + String.join("\n", TextReport.full(report, false));
  }
}
