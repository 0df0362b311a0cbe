package phaistos.checker.durability;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.Optional;
import phaistos.checker.pages.JsonTexts;
import phaistos.formats.Lsn;

/**
 * An audit as JSON, every transaction included, written as a stream. Each copy of a transaction has
 * file, offset, end and CRC-32C of the commit record, so that another program can check the bytes.
 * docs/AUDIT.md lists the keys.
 */
public final class JsonReport {
  /** How much there is of each transaction. */
  public enum Detail {
    /** Everything. */
    ALL,
    /**
     * A line for each transaction: of one that is as it has to be only its index, judgement, xid
     * and place, and of others too behind the first thousand of them.
     */
    BRIEF
  }

  /** Transactions with everything in a brief report. */
  private static final int WHOLE_MAX = 1_000;

  private JsonReport() {}

  /** Writes the report and flushes {@code out}, which stays open. */
  public static void write(AuditReport report, Detail detail, Writer out) throws IOException {
    JsonFactory factory = new JsonFactory();
    factory.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    try (JsonGenerator json = factory.createGenerator(out)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("verdict", report.verdict().word());
      json.writeStringField("reason", report.verdict().reason());
      counts(report.counts(), json);
      json.writeArrayFieldStart("nodes");
      for (NodeReport node : report.nodes()) {
        node(node, json);
      }
      json.writeEndArray();
      JsonTexts.strings("assumptions", report.assumptions(), json);
      json.writeArrayFieldStart("defects");
      for (Defect defect : report.defects()) {
        json.writeStartObject();
        json.writeStringField("kind", defect.kind().word());
        json.writeStringField("node", defect.node());
        json.writeStringField("where", defect.where());
        json.writeStringField("what", defect.what());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeNumberField("more-defects", report.moreDefects());
      json.writeArrayFieldStart("transactions");
      if (detail == Detail.BRIEF) {
        json.setPrettyPrinter(null);
      }
      int[] whole = {detail == Detail.BRIEF ? WHOLE_MAX : Integer.MAX_VALUE};
      report.transactions().forEach(finding -> transaction(finding, detail, whole, json));
      json.writeEndArray();
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  private static void counts(Counts counts, JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("counts");
    json.writeNumberField("acknowledged", counts.acknowledged());
    for (Judgement judgement : Judgement.values()) {
      json.writeNumberField(judgement.word().replace(' ', '-'), counts.of(judgement));
    }
    json.writeNumberField("unidentified", counts.unidentified());
    json.writeEndObject();
  }

  private static void node(NodeReport node, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", node.name());
    json.writeStringField("role", node.role().name().toLowerCase(java.util.Locale.ROOT));
    json.writeStringField("directory", node.directory());
    json.writeStringField("image", node.kind().meaning());
    json.writeBooleanField("readable", node.isReadable());
    if (!node.isReadable()) {
      json.writeStringField("why-not", node.unreadable());
    } else {
      json.writeNumberField("timeline", Integer.toUnsignedLong(node.timeline()));
      json.writeStringField("history", node.history());
      json.writeStringField("wal-start", node.walStart().toString());
      json.writeStringField("wal-end", node.walEnd().toString());
      json.writeStringField("wal-end-reason", node.endReason());
      json.writeStringField("redo", node.redo().toString());
      json.writeNumberField("records", node.records());
      json.writeNumberField("wal-bytes", node.walBytes());
    }
    json.writeArrayFieldStart("notes");
    for (String note : node.notes()) {
      json.writeString(note);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void transaction(
      TransactionFinding finding, Detail detail, int[] whole, JsonGenerator json) {
    try {
      if (detail == Detail.BRIEF) {
        json.writeRaw('\n');
        if (isAsItHasToBe(finding.judgement()) || whole[0]-- <= 0) {
          brief(finding, json);
          return;
        }
      }
      whole(finding, json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isAsItHasToBe(Judgement judgement) {
    return switch (judgement) {
      case CONFIRMED, ROLLED_BACK -> true;
      case CONFIRMED_BY_COMMIT_LOG,
          LOST,
          LOST_AS_ALLOWED,
          NOT_CHOSEN_BY_RECOVERY,
          NOT_JUDGED,
          ROLLED_BACK_YET_COMMITTED,
          RECOVERED,
          DID_NOT_HAPPEN,
          UNDECIDED ->
          false;
    };
  }

  private static void brief(TransactionFinding finding, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeNumberField("index", finding.claim().index());
    json.writeStringField("judgement", finding.judgement().word());
    if (finding.claim().xid() != 0) {
      json.writeNumberField("xid", finding.claim().xid());
    }
    Optional<Copy> copy = finding.copies().stream().filter(c -> c.lsn().isValid()).findFirst();
    if (copy.isPresent()) {
      json.writeNumberField("timeline", Integer.toUnsignedLong(copy.get().timeline()));
      json.writeStringField("lsn", copy.get().lsn().toString());
    }
    json.writeEndObject();
  }

  private static void whole(TransactionFinding finding, JsonGenerator json) throws IOException {
    Claim claim = finding.claim();
    json.writeStartObject();
    json.writeNumberField("index", claim.index());
    json.writeStringField("outcome", claim.outcome().word());
    json.writeStringField("judgement", finding.judgement().word());
    json.writeStringField("reason", finding.reason());
    if (claim.xid() != 0) {
      json.writeNumberField("xid", claim.xid());
    }
    if (claim.lsn() != 0) {
      json.writeStringField("lsn", new Lsn(claim.lsn()).toString());
    }
    if (claim.timeline() != 0) {
      json.writeNumberField("timeline", Integer.toUnsignedLong(claim.timeline()));
    }
    if (!claim.node().isEmpty()) {
      json.writeStringField("node", claim.node());
    }
    json.writeStringField("level", claim.promise().level().word());
    json.writeStringField("standby-names", claim.promise().standbys().toString());
    json.writeBooleanField("unreplicated", claim.promise().unreplicated());
    json.writeArrayFieldStart("markers");
    for (Marker marker : claim.markers()) {
      switch (marker) {
        case Marker.Number number -> json.writeNumber(number.value());
        case Marker.Text text -> json.writeString(text.value());
      }
    }
    json.writeEndArray();
    json.writeArrayFieldStart("copies");
    for (Copy copy : finding.copies()) {
      copy(copy, json);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void copy(Copy copy, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("node", copy.node());
    json.writeStringField("presence", copy.presence().words());
    if (copy.lsn().isValid()) {
      json.writeNumberField("timeline", Integer.toUnsignedLong(copy.timeline()));
      json.writeStringField("lsn", copy.lsn().toString());
      json.writeStringField("end", copy.end().toString());
      json.writeStringField("file", copy.segment());
      json.writeNumberField("offset", copy.offset());
      json.writeStringField("crc", "%08X".formatted(copy.crc()));
      json.writeNumberField("rows", copy.rows());
    }
    if (copy.presence() != Presence.UNREADABLE) {
      json.writeStringField("commit-log", copy.before().word());
      json.writeStringField("commit-log-after-redo", copy.after().word());
    }
    json.writeEndObject();
  }
}
