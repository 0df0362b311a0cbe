package phaistos.checker.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import phaistos.checker.CheckContext;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/** Audits of the tests: each is made twice, with the WAL as a whole and in many small pieces. */
final class Audits {
  private static final int SMALL_PIECE = 1 << 16;

  private Audits() {}

  static AuditReport audit(History<UntypedCall> history, AuditInput.Builder input) {
    AuditReport whole = check(history, input.build());
    AuditReport inPieces = check(history, input.threads(3).pieces(SMALL_PIECE).build());
    assertEquals(json(whole), json(inPieces), "read in pieces");
    return whole;
  }

  private static AuditReport check(History<UntypedCall> history, AuditInput input) {
    return new DurabilityAudit<UntypedCall>(input).check(history, CheckContext.UNLIMITED);
  }

  private static String json(AuditReport report) {
    StringWriter out = new StringWriter();
    try {
      JsonReport.write(report, JsonReport.Detail.ALL, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }
}
