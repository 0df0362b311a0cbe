package phaistos.harness.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** SARIF against the schema of version 2.1.0 by OASIS, which a library of Contrast Security has. */
class SarifTest {
  private static List<Error> errors(JsonNode log) throws IOException {
    try (InputStream in = SarifTest.class.getResourceAsStream("/schema/sarif-schema-2.1.0.json")) {
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
              .getSchema(new ObjectMapper().readTree(in));
      // Formats too: references that are none, times that are none.
      return schema.validate(
          log, context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
    }
  }

  private static JsonNode read(CampaignReport report) throws IOException {
    return new ObjectMapper().readTree(report.sarif());
  }

  @Test
  void isAsTheSchemaWantsIt() throws IOException {
    JsonNode log = read(CampaignReportTest.some(List.of()));
    assertEquals(List.of(), errors(log));
    JsonNode run = log.get("runs").get(0);
    JsonNode results = run.get("results");
    assertEquals(2, results.size());
    for (JsonNode result : results) {
      JsonNode rule =
          run.get("tool").get("driver").get("rules").get(result.get("ruleIndex").asInt());
      assertEquals(rule.get("id"), result.get("ruleId"));
    }
    JsonNode place = results.get(0).get("locations").get(0).get("physicalLocation");
    assertEquals(
        "system-under-test/server/src/main/java/phaistos/server/wal/Wal.java",
        place.get("artifactLocation").get("uri").asText());
    assertEquals(375, place.get("region").get("startLine").asInt());
    assertTrue(
        results.get(0).get("message").get("text").asText().contains("Replay: ./phaistos run"));
  }

  @Test
  void aNightWithoutFindingsIsOneToo() throws IOException {
    assertEquals(List.of(), errors(read(CampaignReportTest.none())));
  }

  @Test
  void theSchemaRefusesOthers() throws IOException {
    JsonNode lacks = read(CampaignReportTest.some(List.of()));
    ((ObjectNode) lacks.get("runs").get(0).get("results").get(0)).remove("message");
    assertFalse(errors(lacks).isEmpty());
    JsonNode wrong = read(CampaignReportTest.some(List.of()));
    ((ObjectNode) wrong.get("runs").get(0).get("results").get(0)).put("level", "fatal");
    assertFalse(errors(wrong).isEmpty());
    JsonNode time = read(CampaignReportTest.some(List.of()));
    ((ObjectNode) time.get("runs").get(0).get("invocations").get(0)).put("startTimeUtc", "soon");
    assertFalse(errors(time).isEmpty());
  }
}
