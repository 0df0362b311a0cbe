package phaistos.checker.durability;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.pages.JsonTexts;
import phaistos.checker.pages.Page;

/**
 * An audit for a web page: the transactions as a table that shows violations first, filters and
 * pages, and the evidence of the nodes. Also the whole page of {@code phaistos audit --html}.
 */
public final class AuditPage {
  /** Rows of the table; the JSON report has every transaction. */
  private static final int ROWS_MAX = 20_000;

  /** Violations whose bytes are in the page. */
  private static final int BYTES_OF_MAX = 100;

  private static final int BYTES_MAX = 256;
  private static final int DEFECTS_MAX = 200;
  private static final int MARKERS_MAX = 12;

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private final AuditReport report;
  private final String name;
  private final List<NodeImage> images;
  private final Optional<String> files;

  /** The paths of the segments, which copies name by their numbers. */
  private final Map<String, Integer> segments = new LinkedHashMap<>();

  private AuditPage(
      AuditReport report, String name, List<NodeImage> images, Optional<String> files) {
    this.report = report;
    this.name = name;
    this.images = images;
    this.files = files;
  }

  /**
   * @param name what was audited: "audit of the crash images"
   * @param images of the nodes, for the bytes of lost commits
   * @param files where the page's reader finds the images, with %s for the node's name; empty if
   *     they are not kept
   */
  public static AuditPage of(
      AuditReport report, String name, List<NodeImage> images, Optional<String> files) {
    return new AuditPage(report, name, images, files);
  }

  /** A page about this audit alone. {@code footer}: such as the command that made it. */
  public static String page(AuditReport report, List<NodeImage> images, List<String> footer) {
    AuditPage audit = new AuditPage(report, "audit", images, Optional.empty());
    String word = report.verdict().word();
    Page page =
        new Page("Durability audit: " + word)
            .element("p", "word " + word, word)
            .element("h1", "", headline(report));
    tiles(report.counts(), page);
    page.html("<section id=\"audit\"></section>")
        .script(Page.Script.TABLES)
        .data(
            "audit",
            json -> {
              json.writeStartArray();
              audit.write(json);
              json.writeEndArray();
            });
    footer.forEach(
        line -> page.html("<p class=\"quiet\"><code>" + Page.escape(line) + "</code></p>"));
    return page.build();
  }

  /** The verdict's reason, or what a valid verdict says. */
  public static String headline(AuditReport report) {
    String reason = report.verdict().reason();
    if (!reason.isEmpty()) {
      return Character.toUpperCase(reason.charAt(0)) + reason.substring(1) + ".";
    }
    Counts counts = report.counts();
    String excused =
        counts.of(Judgement.LOST_AS_ALLOWED) > 0 ? ", or lost as their level allows" : "";
    return counts.acknowledged() == 1
        ? "The acknowledged commit is where it was promised to be."
        : "All %,d acknowledged commits are where they were promised to be%s."
            .formatted(counts.acknowledged(), excused);
  }

  /** The counts; of those that are zero only the first three. */
  public static void tiles(Counts counts, Page page) {
    StringBuilder out = new StringBuilder("<ul class=\"tiles\">");
    tile("acknowledged", counts.acknowledged(), "", true, out);
    tile("confirmed", counts.confirmed(), "valid", true, out);
    tile("lost", counts.lost(), counts.lost() > 0 ? "invalid" : "", true, out);
    tile("lost as allowed", counts.of(Judgement.LOST_AS_ALLOWED), "unknown", false, out);
    int notChosen = counts.of(Judgement.NOT_CHOSEN_BY_RECOVERY);
    tile("not chosen by recovery", notChosen, "unknown", false, out);
    tile("not judged", counts.of(Judgement.NOT_JUDGED), "unknown", false, out);
    tile("rolled back", counts.rolledBack(), "", false, out);
    int yet = counts.of(Judgement.ROLLED_BACK_YET_COMMITTED);
    tile("rolled back, yet committed", yet, "invalid", false, out);
    tile("indeterminate", counts.indeterminate(), "", false, out);
    page.html(out.append("</ul>").toString());
  }

  private static void tile(
      String name, int count, String style, boolean always, StringBuilder out) {
    if (count > 0 || always) {
      out.append("<li><b class=\"").append(style).append("\">");
      out.append("%,d".formatted(count)).append("</b>").append(name).append("</li>");
    }
  }

  /** Writes one object with everything that the table shows. */
  public void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", name);
    json.writeStringField("verdict", report.verdict().word());
    json.writeStringField("reason", report.verdict().reason());
    if (files.isPresent()) {
      json.writeStringField("files", files.get());
    }
    json.writeArrayFieldStart("judgements");
    for (Judgement judgement : Judgement.values()) {
      json.writeStartArray();
      json.writeString(judgement.word());
      json.writeString(style(judgement));
      json.writeNumber(report.counts().of(judgement));
      json.writeEndArray();
    }
    json.writeEndArray();
    JsonTexts.strings(
        "presences", List.of(Presence.values()).stream().map(Presence::words).toList(), json);
    JsonTexts.strings(
        "statuses", List.of(LogStatus.values()).stream().map(LogStatus::word).toList(), json);
    nodes(json);
    defects(json);
    JsonTexts.strings("assumptions", report.assumptions(), json);
    rows(json);
    json.writeEndObject();
  }

  private void nodes(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("nodes");
    for (NodeReport node : report.nodes()) {
      json.writeStartObject();
      json.writeStringField("name", node.name());
      json.writeStringField("role", node.role().name().toLowerCase(Locale.ROOT));
      json.writeStringField("image", node.kind().meaning());
      if (node.isReadable()) {
        json.writeStringField("timeline", node.history());
        json.writeStringField("wal", node.walStart() + " – " + node.walEnd());
        json.writeStringField("end", node.endReason());
        json.writeStringField("redo", node.redo().toString());
        json.writeNumberField("records", node.records());
      } else {
        json.writeStringField("unreadable", node.unreadable());
      }
      JsonTexts.strings("notes", node.notes(), json);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void defects(JsonGenerator json) throws IOException {
    List<Defect> shown =
        report.defects().subList(0, Math.min(DEFECTS_MAX, report.defects().size()));
    json.writeNumberField(
        "moreDefects", report.defects().size() - shown.size() + report.moreDefects());
    json.writeArrayFieldStart("defects");
    for (Defect defect : shown) {
      json.writeStartArray();
      json.writeString(defect.kind().word());
      json.writeString(defect.node());
      json.writeString(defect.where());
      json.writeString(defect.what());
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private void rows(JsonGenerator json) throws IOException {
    Map<String, Integer> promises = new LinkedHashMap<>();
    int violations = Math.min(ROWS_MAX, report.problems().size());
    json.writeArrayFieldStart("rows");
    for (int i = 0; i < violations; i++) {
      row(report.problems().get(i), i < BYTES_OF_MAX, promises, json);
    }
    int[] left = {ROWS_MAX - violations};
    if (left[0] > 0) {
      report
          .transactions()
          .forEach(
              finding -> {
                if (!finding.judgement().isViolation() && left[0]-- > 0) {
                  write(finding, promises, json);
                }
              });
    }
    json.writeEndArray();
    json.writeNumberField("all", report.transactions().size());
    JsonTexts.strings("promises", new ArrayList<>(promises.keySet()), json);
    JsonTexts.strings("segments", new ArrayList<>(segments.keySet()), json);
  }

  private void write(
      TransactionFinding finding, Map<String, Integer> promises, JsonGenerator json) {
    try {
      row(finding, false, promises, json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void row(
      TransactionFinding finding,
      boolean withBytes,
      Map<String, Integer> promises,
      JsonGenerator json)
      throws IOException {
    Claim claim = finding.claim();
    json.writeStartArray();
    json.writeNumber(claim.index());
    json.writeNumber(claim.timeNanos() < 0 ? -1 : claim.timeNanos() / 1_000);
    json.writeNumber(finding.judgement().ordinal());
    json.writeNumber(promises.computeIfAbsent(claim.promise().toString(), _ -> promises.size()));
    json.writeString(values(claim));
    json.writeString(claim.xid() == 0 ? "" : Long.toUnsignedString(claim.xid()));
    json.writeString(finding.judgement() == Judgement.CONFIRMED ? "" : finding.reason());
    json.writeStartArray();
    List<Copy> copies = finding.copies();
    for (int node = 0; node < copies.size(); node++) {
      Copy copy = copies.get(node);
      if (node > 0 && !withBytes && copy.as("").equals(copies.get(node - 1).as(""))) {
        json.writeStartArray();
        json.writeNumber(node);
        json.writeEndArray();
      } else {
        copy(copy, node, withBytes, json);
      }
    }
    json.writeEndArray();
    json.writeString(claim.node());
    json.writeEndArray();
  }

  private static String values(Claim claim) {
    List<Marker> markers = claim.markers();
    String first =
        String.join(" ", markers.stream().limit(MARKERS_MAX).map(Marker::toString).toList());
    return markers.size() > MARKERS_MAX ? first + " … (" + markers.size() + ")" : first;
  }

  /**
   * A copy as an array; without a position it is short. One that shows what the copy of the node
   * before shows, as most do, has the node's number only.
   */
  private void copy(Copy copy, int node, boolean withBytes, JsonGenerator json) throws IOException {
    json.writeStartArray();
    json.writeNumber(node);
    json.writeNumber(copy.presence().ordinal());
    json.writeNumber(copy.before().ordinal());
    json.writeNumber(copy.after().ordinal());
    if (copy.lsn().isValid()) {
      json.writeString(copy.lsn().toString());
      json.writeString(copy.end().toString());
      json.writeNumber(segments.computeIfAbsent(copy.segment(), _ -> segments.size()));
      json.writeNumber(copy.offset());
      json.writeString(HEX.toHexDigits(copy.crc()));
      json.writeNumber(Integer.toUnsignedLong(copy.timeline()));
      json.writeNumber(copy.rows());
      if (withBytes) {
        json.writeString(bytes(copy));
      }
    }
    json.writeEndArray();
  }

  /** The record's bytes as hexadecimal digits; empty if they cannot be read again. */
  private String bytes(Copy copy) {
    long length = Math.clamp(copy.end().value() - copy.lsn().value(), 0, BYTES_MAX);
    for (NodeImage image : images) {
      if (image.name().equals(copy.node()) && length > 0) {
        try {
          byte[] read = image.files().read(copy.segment(), copy.offset(), (int) length);
          return HexFormat.of().formatHex(read);
        } catch (IOException _) {
          // The table says where they were; the image may be gone by now.
          return "";
        }
      }
    }
    return "";
  }

  private static String style(Judgement judgement) {
    return switch (judgement) {
      case CONFIRMED, CONFIRMED_BY_COMMIT_LOG, ROLLED_BACK -> "valid";
      case LOST, ROLLED_BACK_YET_COMMITTED -> "invalid";
      case LOST_AS_ALLOWED, NOT_CHOSEN_BY_RECOVERY, NOT_JUDGED, UNDECIDED -> "unknown";
      case RECOVERED, DID_NOT_HAPPEN -> "quiet";
    };
  }
}
