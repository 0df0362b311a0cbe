package phaistos.checker.durability;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.checker.Verdict;
import phaistos.formats.FormatException;
import phaistos.histories.History;

/**
 * Checks that every acknowledged commit is still on the nodes that owe it.
 *
 * <p>For each node the valid WAL is read once, along the node's timeline history, and redo of
 * Transaction and CLOG records is done on a copy of its commit log, by the auditor's own code. A
 * transaction is identified by the marker in its row, or by timeline and LSN of its commit record,
 * never by its xid alone: after a crash PostgreSQL reuses the xid of a lost asynchronous commit.
 * The {@link Promise} of each transaction determines which nodes owe it; see {@link Judge}.
 *
 * <p>What it does not verify: rows that are neither in the WAL nor in a final read, values that an
 * update logged only in part, indexes.
 *
 * @param <C> the history's payload, which is not used
 */
public final class DurabilityAudit<C> implements Checker<C, AuditReport> {
  private final AuditInput input;

  public DurabilityAudit(AuditInput input) {
    this.input = input;
  }

  /**
   * Judges the history against the images.
   *
   * @throws IllegalArgumentException if a marker, level or list of standbys in the history cannot
   *     be read; the message names the event
   */
  @Override
  public AuditReport check(History<C> history, CheckContext context) {
    return check(ClaimReader.read(history, input), context);
  }

  /** Judges the claims of a history, for callers that do not keep the history itself. */
  public AuditReport check(Claims read, CheckContext context) {
    List<Claim> claims = read.list();
    MarkerIndex markers = new MarkerIndex(claims, input.arePlain());
    XidIndex xids = new XidIndex(claims);
    List<NodeEvidence> nodes = new ArrayList<>();
    long systemId = 0;
    for (NodeImage image : input.nodes()) {
      NodeEvidence node = examine(image, claims, markers, xids, context);
      long ownSystemId = node.files().map(files -> files.control().systemId()).orElse(0L);
      if (systemId != 0 && ownSystemId != 0 && ownSystemId != systemId) {
        node = NodeEvidence.unreadable(image, "it is of another database system than the others");
      }
      systemId = systemId == 0 ? ownSystemId : systemId;
      nodes.add(node);
    }
    if (context.isCancelled()) {
      String cause = "the audit's time was up while it read the nodes' WAL";
      return report(new Verdict.Unknown(cause), new Trial(List.of(), nodes), read, List.of());
    }
    boolean isOneLine =
        nodes.stream()
            .flatMap(node -> node.files().stream())
            .allMatch(files -> files.line().ancestors().isEmpty());
    nodes.forEach(node -> node.files().ifPresent(files -> files.finish(isOneLine)));
    Trial trial = new Trial(claims, nodes);
    trial.run();
    List<Defect> defects = new StructureChecks(nodes, input, context).find();
    return report(verdict(trial, nodes, defects, read), trial, read, defects);
  }

  private NodeEvidence examine(
      NodeImage image,
      List<Claim> claims,
      MarkerIndex markers,
      XidIndex xids,
      CheckContext context) {
    CommitLogCopy log = new CommitLogCopy(image.files());
    RowSearch search = new RowSearch(markers, input.markerColumn());
    NodeScan scan = new NodeScan(claims, input.lsnMeaning(), markers, xids, search, log);
    try {
      return NodeExamination.examine(image, scan, log, input, context);
    } catch (FormatException e) {
      return NodeEvidence.unreadable(image, e.getMessage());
    } catch (IOException e) {
      return NodeEvidence.unreadable(image, message(e));
    } catch (UncheckedIOException e) {
      return NodeEvidence.unreadable(image, message(e.getCause()));
    }
  }

  private static String message(IOException e) {
    return e instanceof java.nio.file.NoSuchFileException
        ? "there is no " + e.getMessage()
        : e.getClass().getSimpleName() + ": " + e.getMessage();
  }

  private Verdict verdict(
      Trial trial, List<NodeEvidence> nodes, List<Defect> defects, Claims read) {
    Counts counts = trial.counts(read.unidentified());
    if (counts.lost() > 0) {
      int lost = counts.lost();
      return new Verdict.Invalid(
          lost == 1
              ? "an acknowledged commit was lost"
              : "%,d of %,d acknowledged commits were lost".formatted(lost, counts.acknowledged()));
    }
    if (counts.of(Judgement.ROLLED_BACK_YET_COMMITTED) > 0) {
      return new Verdict.Invalid(
          "%,d transactions are committed that were rolled back for their clients"
              .formatted(counts.of(Judgement.ROLLED_BACK_YET_COMMITTED)));
    }
    if (!defects.isEmpty()) {
      return new Verdict.Invalid(
          defects.getFirst().kind().word() + ": " + defects.getFirst().what());
    }
    if (nodes.stream().noneMatch(node -> node.report().isReadable())) {
      return new Verdict.Unknown("no node could be read");
    }
    if (counts.acknowledged() == 0) {
      return new Verdict.Unknown(
          read.unidentified() == 0
              ? "the history has no acknowledged commits"
              : "no acknowledged commit carries an xid, an LSN or a marker");
    }
    if (input.finalReadExpected() && input.finalRead().isEmpty()) {
      return new Verdict.Unknown("there was no final read");
    }
    if (counts.of(Judgement.NOT_CHOSEN_BY_RECOVERY) > 0) {
      return new Verdict.Unknown(
          "%,d of %,d acknowledged commits are on disk and not chosen by recovery: %s"
              .formatted(
                  counts.of(Judgement.NOT_CHOSEN_BY_RECOVERY),
                  counts.acknowledged(),
                  trial.first(Judgement.NOT_CHOSEN_BY_RECOVERY)));
    }
    if (counts.of(Judgement.NOT_JUDGED) > 0) {
      return new Verdict.Unknown(
          "%,d of %,d acknowledged commits cannot be judged: %s"
              .formatted(
                  counts.of(Judgement.NOT_JUDGED),
                  counts.acknowledged(),
                  trial.first(Judgement.NOT_JUDGED)));
    }
    return trial.undecidedRollbacks() > 0
        ? new Verdict.Unknown(
            "%,d rolled back transactions share their xid with a commit, and nothing tells them"
                    .formatted(trial.undecidedRollbacks())
                + " apart")
        : Verdict.VALID;
  }

  private AuditReport report(Verdict verdict, Trial trial, Claims read, List<Defect> defects) {
    List<NodeReport> nodes = trial.nodes.stream().map(NodeEvidence::report).toList();
    int shown = Math.min(defects.size(), AuditReport.MAX_DEFECTS);
    return new AuditReport(
        verdict,
        trial.counts(read.unidentified()),
        trial.problems(),
        defects.subList(0, shown),
        defects.size() - shown,
        nodes,
        assumptions(read, trial),
        trial);
  }

  private List<String> assumptions(Claims read, Trial trial) {
    List<String> notes = new ArrayList<>();
    if (read.assumed() > 0) {
      notes.add(
          "%,d of %,d transactions do not say their level or standby names; assumed: "
                  .formatted(read.assumed(), read.list().size())
              + "level %s, %s"
                  .formatted(
                      input.defaultLevel().word(),
                      input
                          .defaultStandbys()
                          .map(rule -> "synchronous_standby_names " + rule)
                          .orElse("at least one standby, if there are standbys")));
    }
    if (read.unidentified() > 0) {
      notes.add(
          "%,d ok operations carry neither xid nor LSN nor marker; they were not audited"
              .formatted(read.unidentified()));
    }
    if (trial.reused > 0) {
      notes.add(
          "of the lost commits, %,d have an xid that was handed out again to another transaction"
              .formatted(trial.reused));
    }
    int byLog = trial.counts(0).of(Judgement.CONFIRMED_BY_COMMIT_LOG);
    if (byLog > 0) {
      notes.add(
          "%,d commits are older than the WAL that is there: judged by pg_xact, which cannot tell"
                  .formatted(byLog)
              + " a lost transaction from a later one with its xid");
    }
    boolean written =
        input.nodes().stream()
            .anyMatch(n -> n.kind() != ImageKind.SYNCED_ONLY && n.kind() != ImageKind.POWER_CUT);
    if (written) {
      notes.add("from plain files alone a commit is written; that it was flushed is not proven");
    }
    if (trial.counts(0).of(Judgement.LOST_AS_ALLOWED) > 0 && input.crashes().isEmpty()) {
      notes.add(
          "when the primary's memory was lost is not known: the asynchronous window was checked by"
              + " position in the WAL only, not by time");
    }
    return notes;
  }

  /**
   * The judgements of all claims: one byte each, and the reasons that the judge cannot recompute.
   */
  private final class Trial implements AuditReport.Transactions {
    private final List<Claim> claims;
    private final List<NodeEvidence> nodes;
    private final Judge judge;
    private final byte[] judgements;

    /** Reasons that the judge alone cannot recompute. */
    private final Map<Integer, String> reasons = new HashMap<>();

    /** Acknowledged commits that are lost and whose xid another transaction has. */
    private int reused;

    Trial(List<Claim> claims, List<NodeEvidence> nodes) {
      this.claims = claims;
      this.nodes = nodes;
      this.judge = new Judge(input, nodes.stream().map(NodeEvidence::report).toList());
      this.judgements = new byte[claims.size()];
    }

    void run() {
      List<Integer> lostAsync = new ArrayList<>();
      for (int i = 0; i < judgements.length; i++) {
        List<Copy> copies = copies(i);
        Judgement judgement = judge.judge(claims.get(i), copies).judgement();
        set(i, judgement);
        boolean gone = judgement == Judgement.LOST || judgement == Judgement.LOST_AS_ALLOWED;
        if (gone && copies.stream().anyMatch(copy -> copy.presence() == Presence.OTHER)) {
          reused++;
        }
        if (judgement == Judgement.LOST_AS_ALLOWED && judge.isOwedByWindow(claims.get(i))) {
          lostAsync.add(i);
        }
      }
      checkWindow(lostAsync.stream().mapToInt(Integer::intValue).toArray());
      input.finalRead().ifPresent(this::compareWithFinalRead);
    }

    private void set(int claim, Judgement judgement) {
      judgements[claim] = (byte) judgement.ordinal();
    }

    private Judgement judgement(int claim) {
      return Judgement.values()[judgements[claim]];
    }

    private List<Copy> copies(int claim) {
      List<Copy> copies = new ArrayList<>(nodes.size());
      for (NodeEvidence node : nodes) {
        copies.add(node.copy(claim, claims.get(claim)));
      }
      return copies;
    }

    /** Checks whether lost asynchronous commits were too old to be lost. */
    private void checkWindow(int[] lost) {
      AsyncWindow window = new AsyncWindow(input);
      for (int claim : lost) {
        window.violationByTime(claims.get(claim)).ifPresent(why -> condemn(claim, why));
      }
      for (NodeEvidence node : nodes) {
        if (node.files().isEmpty()) {
          continue;
        }
        NodeScan scan = node.files().get().scan();
        int[] here =
            java.util.Arrays.stream(lost)
                .filter(c -> judge.isAnsweredBy(claims.get(c), node.report()))
                // An xid is handed out again only if no later one of that life is in the WAL: then
                // no later commit can have outlived it, and those that are there are of a new life.
                .filter(c -> scan.places().presence(c) != Presence.OTHER)
                .toArray();
        int[] witnesses =
            AsyncWindow.outlived(
                claims,
                here,
                c -> scan.places().presence(c) == Presence.RECORD ? scan.places().lsn(c) : 0,
                scan.restarts());
        for (int i = 0; i < here.length; i++) {
          if (witnesses[i] >= 0) {
            Claim outlived = claims.get(witnesses[i]);
            condemn(
                here[i],
                "asynchronous, but %s has the later commit of event %d, and WAL is in order"
                    .formatted(node.image().name(), outlived.index()));
          }
        }
      }
    }

    private void condemn(int claim, String why) {
      set(claim, Judgement.LOST);
      reasons.putIfAbsent(claim, why);
    }

    private void compareWithFinalRead(FinalRead read) {
      Set<Marker> visible = read.visible();
      for (int i = 0; i < judgements.length; i++) {
        Claim claim = claims.get(i);
        Judgement judgement = judgement(i);
        boolean confirmed =
            judgement == Judgement.CONFIRMED
                || judgement == Judgement.CONFIRMED_BY_COMMIT_LOG
                || judgement == Judgement.NOT_CHOSEN_BY_RECOVERY
                || judgement == Judgement.NOT_JUDGED;
        boolean isMissing = confirmed && !visible.containsAll(claim.markers());
        boolean mayBeGone = !judge.isOwedAfterFailover(claim) || judge.isOwedByWindow(claim);
        if (isMissing && judgement == Judgement.NOT_JUDGED && mayBeGone) {
          // The commit that may be it is another one's, of a later timeline or a later start.
          set(i, Judgement.LOST_AS_ALLOWED);
          reasons.put(i, "it did not have to be durable, and the final read does not show it");
        } else if (isMissing) {
          Marker missing =
              claim.markers().stream().filter(m -> !visible.contains(m)).findFirst().orElseThrow();
          condemn(i, "the final read on " + read.node() + " does not show its row " + missing);
        } else if ((judgement == Judgement.ROLLED_BACK || isUndecidedRollback(claim, judgement))
            && claim.markers().stream().anyMatch(visible::contains)) {
          set(i, Judgement.ROLLED_BACK_YET_COMMITTED);
          reasons.put(i, "rolled back for its client; the final read shows its row");
        } else if (isUndecidedRollback(claim, judgement) && !claim.markers().isEmpty()) {
          // The commit with its xid is another one's.
          set(i, Judgement.ROLLED_BACK);
        }
      }
    }

    private TransactionFinding finding(int claim) {
      List<Copy> copies = copies(claim);
      String reason = reasons.get(claim);
      if (reason == null) {
        reason = judge.judge(claims.get(claim), copies).reason();
      }
      return new TransactionFinding(claims.get(claim), judgement(claim), reason, copies);
    }

    List<TransactionFinding> problems() {
      List<TransactionFinding> problems = new ArrayList<>();
      for (int i = 0; i < judgements.length && problems.size() < AuditReport.MAX_PROBLEMS; i++) {
        if (judgement(i).isViolation()) {
          problems.add(finding(i));
        }
      }
      return problems;
    }

    String first(Judgement wanted) {
      for (int i = 0; i < judgements.length; i++) {
        if (judgement(i) == wanted) {
          return "event " + claims.get(i).index() + ": " + finding(i).reason();
        }
      }
      return "";
    }

    private static boolean isUndecidedRollback(Claim claim, Judgement judgement) {
      return claim.outcome() == Outcome.ROLLED_BACK && judgement == Judgement.UNDECIDED;
    }

    int undecidedRollbacks() {
      int count = 0;
      for (int i = 0; i < judgements.length; i++) {
        count += isUndecidedRollback(claims.get(i), judgement(i)) ? 1 : 0;
      }
      return count;
    }

    Counts counts(int unidentified) {
      int[] counts = new int[Judgement.values().length];
      for (byte judgement : judgements) {
        counts[judgement]++;
      }
      return Counts.of(counts, unidentified);
    }

    @Override
    public int size() {
      return judgements.length;
    }

    @Override
    public void forEach(Consumer<TransactionFinding> consumer) {
      for (int i = 0; i < judgements.length; i++) {
        consumer.accept(finding(i));
      }
    }
  }
}
