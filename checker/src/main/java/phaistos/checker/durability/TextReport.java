package phaistos.checker.durability;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import phaistos.checker.Verdict;

/** An audit as text: the first screen, then nodes and transactions. */
public final class TextReport {
  private static final int SHOWN = 10;

  private TextReport() {}

  /**
   * Verdict, one sentence of proof, the smallest evidence, what was checked. The caller adds seed,
   * revision, the command that replays it, and the path of the files.
   */
  public static List<String> firstScreen(AuditReport report) {
    List<String> lines = new ArrayList<>();
    Verdict verdict = report.verdict();
    String summary = verdict.reason().isEmpty() ? counts(report.counts()) : verdict.reason();
    lines.add(verdict.word().toUpperCase(Locale.ROOT) + "  durability audit: " + summary);
    for (TransactionFinding finding : report.problems().subList(0, shown(report.problems()))) {
      lines.add(sentence(finding));
    }
    if (report.problems().size() > SHOWN) {
      lines.add("... and %,d more".formatted(report.problems().size() - SHOWN));
    }
    for (Defect defect : report.defects().subList(0, shown(report.defects()))) {
      lines.add(
          "%s on %s: %s (%s)"
              .formatted(defect.kind().word(), defect.node(), defect.what(), defect.where()));
    }
    int moreDefects = report.defects().size() - shown(report.defects()) + report.moreDefects();
    if (moreDefects > 0) {
      lines.add("... and %,d more defects in the files".formatted(moreDefects));
    }
    if (!verdict.reason().isEmpty()) {
      lines.add("checked: " + counts(report.counts()));
    }
    return lines;
  }

  private static int shown(List<?> items) {
    return Math.min(SHOWN, items.size());
  }

  /** The whole report; with every transaction, if asked for. */
  public static List<String> full(AuditReport report, boolean everyTransaction) {
    List<String> lines = new ArrayList<>(firstScreen(report));
    lines.add("");
    for (NodeReport node : report.nodes()) {
      lines.addAll(describe(node));
    }
    for (String assumption : report.assumptions()) {
      lines.add("note: " + assumption);
    }
    if (everyTransaction) {
      lines.add("");
      report.transactions().forEach(finding -> lines.addAll(detail(finding)));
    } else {
      lines.addAll(excused(report));
      if (!report.problems().isEmpty()) {
        lines.add("");
      }
      report.problems().subList(0, shown(report.problems())).forEach(f -> lines.addAll(detail(f)));
    }
    return lines;
  }

  /** The first of the commits that were lost as their level allows. */
  private static List<String> excused(AuditReport report) {
    int count = report.counts().of(Judgement.LOST_AS_ALLOWED);
    List<String> lines = new ArrayList<>();
    if (count > 0) {
      lines.add("");
      report
          .transactions()
          .forEach(
              finding -> {
                if (finding.judgement() == Judgement.LOST_AS_ALLOWED && lines.size() <= SHOWN) {
                  lines.add(sentence(finding));
                }
              });
    }
    if (count > SHOWN) {
      lines.add("... and %,d more lost as their level allows".formatted(count - SHOWN));
    }
    return lines;
  }

  /** One line for each count that is not zero. */
  static String counts(Counts counts) {
    List<String> parts = new ArrayList<>();
    parts.add("%,d acknowledged commits".formatted(counts.acknowledged()));
    add(parts, counts.confirmed(), "confirmed");
    add(parts, counts.of(Judgement.CONFIRMED_BY_COMMIT_LOG), "of these by the commit log alone");
    add(parts, counts.lost(), "lost");
    add(parts, counts.of(Judgement.LOST_AS_ALLOWED), "lost as their level allows");
    add(parts, counts.of(Judgement.NOT_CHOSEN_BY_RECOVERY), "on disk but not chosen by recovery");
    add(parts, counts.of(Judgement.NOT_JUDGED), "not judged");
    add(parts, counts.rolledBack(), "rolled back");
    add(parts, counts.of(Judgement.ROLLED_BACK_YET_COMMITTED), "of these committed all the same");
    add(parts, counts.indeterminate(), "indeterminate");
    add(parts, counts.of(Judgement.RECOVERED), "of these found committed");
    return String.join(", ", parts);
  }

  private static void add(List<String> parts, int count, String what) {
    if (count > 0) {
      parts.add("%,d %s".formatted(count, what));
    }
  }

  /** "event 212: value 9 (xid 741, LSN 0/3000148, level on) was acknowledged and lost: ...". */
  static String sentence(TransactionFinding finding) {
    return "event %d: %s%s, %s: %s"
        .formatted(
            finding.claim().index(),
            name(finding.claim()),
            place(finding),
            finding.judgement().word(),
            finding.reason());
  }

  /** The first node that has its commit record, and where. */
  private static String place(TransactionFinding finding) {
    for (Copy copy : finding.copies()) {
      if (copy.presence() == Presence.RECORD) {
        return ", commit record on %s at %s".formatted(copy.node(), copy.lsn());
      }
    }
    return "";
  }

  /** What identifies the transaction: values, xid, LSN, level. */
  static String name(Claim claim) {
    List<String> known = new ArrayList<>();
    if (claim.xid() != 0) {
      known.add("xid " + Long.toUnsignedString(claim.xid()));
    }
    if (claim.lsn() != 0) {
      known.add("LSN " + new phaistos.formats.Lsn(claim.lsn()));
    }
    if (claim.timeline() != 0) {
      known.add("timeline " + Integer.toUnsignedString(claim.timeline()));
    }
    if (!claim.node().isEmpty()) {
      known.add("by " + claim.node());
    }
    known.add("level " + claim.promise());
    return (claim.markers().isEmpty() ? "a transaction" : values(claim.markers()))
        + " ("
        + String.join(", ", known)
        + ")";
  }

  private static String values(List<Marker> markers) {
    List<String> first = markers.stream().limit(SHOWN).map(Marker::toString).toList();
    String more = markers.size() > SHOWN ? " and %d more".formatted(markers.size() - SHOWN) : "";
    return (markers.size() == 1 ? "value " : "values ") + String.join(" ", first) + more;
  }

  private static List<String> describe(NodeReport node) {
    List<String> lines = new ArrayList<>();
    String head =
        "%s (%s, %s): "
            .formatted(node.name(), node.role().name().toLowerCase(Locale.ROOT), node.directory());
    if (!node.isReadable()) {
      lines.add(head + "cannot be read: " + node.unreadable());
      return lines;
    }
    lines.add(
        head
            + "timeline %s, WAL %s to %s (%s), %,d records, redo from %s; %s"
                .formatted(
                    node.history(),
                    node.walStart(),
                    node.walEnd(),
                    node.endReason(),
                    node.records(),
                    node.redo(),
                    node.kind().meaning()));
    node.notes().forEach(note -> lines.add("  " + note));
    return lines;
  }

  private static List<String> detail(TransactionFinding finding) {
    List<String> lines = new ArrayList<>();
    lines.add(sentence(finding));
    for (Copy copy : finding.copies()) {
      lines.add("  " + describe(copy));
    }
    return lines;
  }

  static String describe(Copy copy) {
    String where =
        copy.lsn().isValid()
            ? " at %s to %s, timeline %s, %s offset %d, CRC %08X, %d of its rows seen"
                .formatted(
                    copy.lsn(),
                    copy.end(),
                    Integer.toUnsignedString(copy.timeline()),
                    copy.segment(),
                    copy.offset(),
                    copy.crc(),
                    copy.rows())
            : "";
    String log =
        copy.presence() == Presence.UNREADABLE
            ? ""
            : "; commit log: %s, after redo %s"
                .formatted(copy.before().word(), copy.after().word());
    return copy.node() + ": " + copy.presence().words() + where + log;
  }
}
