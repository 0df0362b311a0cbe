package phaistos.harness.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * SARIF as the OASIS schema of version 2.1.0 wants it: of each kind of object that we write, the
 * properties that it must have and those that it may have, as far as we use them.
 */
class SarifTest {
  private record Shape(Set<String> required, Set<String> allowed) {}

  private static final Map<String, Shape> SHAPES =
      Map.of(
          "log", new Shape(Set.of("version", "runs"), Set.of("$schema")),
          "run", new Shape(Set.of("tool"), Set.of("results", "invocations")),
          "tool", new Shape(Set.of("driver"), Set.of()),
          "driver", new Shape(Set.of("name"), Set.of("semanticVersion", "rules")),
          "rule", new Shape(Set.of("id"), Set.of("shortDescription", "fullDescription")),
          "invocation", new Shape(Set.of("executionSuccessful"), Set.of("startTimeUtc")),
          "result",
              new Shape(
                  Set.of("message"),
                  Set.of(
                      "ruleId",
                      "ruleIndex",
                      "level",
                      "kind",
                      "baselineState",
                      "occurrenceCount",
                      "partialFingerprints",
                      "locations")),
          "location", new Shape(Set.of(), Set.of("physicalLocation")),
          "physicalLocation", new Shape(Set.of(), Set.of("artifactLocation", "region")),
          "message", new Shape(Set.of("text"), Set.of()));

  private static JsonNode object(String kind, JsonNode node) {
    Shape shape = SHAPES.get(kind);
    for (String name : shape.required) {
      check(node.has(name), kind + " lacks " + name);
    }
    node.fieldNames()
        .forEachRemaining(
            name ->
                check(
                    shape.required.contains(name) || shape.allowed.contains(name),
                    kind + " cannot have " + name));
    return node;
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new IllegalStateException(message);
    }
  }

  private static void validate(JsonNode log) {
    object("log", log);
    check(log.get("version").asText().equals("2.1.0"), "version");
    URI.create(log.get("$schema").asText());
    for (JsonNode run : log.get("runs")) {
      object("run", run);
      JsonNode rules = object("driver", object("tool", run.get("tool")).get("driver")).get("rules");
      for (JsonNode rule : rules) {
        object("rule", rule);
        object("message", rule.get("shortDescription"));
        object("message", rule.get("fullDescription"));
      }
      run.get("invocations").forEach(each -> object("invocation", each));
      for (JsonNode result : run.get("results")) {
        object("message", object("result", result).get("message"));
        check(
            Set.of("none", "note", "warning", "error").contains(result.get("level").asText()),
            "level");
        check(result.get("kind").asText().equals("fail"), "kind: other ones have level none");
        check(
            Set.of("new", "unchanged", "updated", "absent")
                .contains(result.get("baselineState").asText()),
            "baselineState");
        JsonNode rule = rules.get(result.get("ruleIndex").asInt());
        check(rule.get("id").equals(result.get("ruleId")), "ruleId and ruleIndex differ");
        for (JsonNode location : result.get("locations")) {
          JsonNode place =
              object("physicalLocation", object("location", location).get("physicalLocation"));
          URI.create(place.get("artifactLocation").get("uri").asText());
          check(place.get("region").get("startLine").asInt() >= 1, "startLine");
        }
      }
    }
  }

  @Test
  void isAsTheSchemaWantsIt() throws Exception {
    JsonNode log = new ObjectMapper().readTree(CampaignReportTest.some(List.of()).sarif());
    validate(log);
    JsonNode results = log.get("runs").get(0).get("results");
    assertEquals(2, results.size());
    JsonNode place = results.get(0).get("locations").get(0).get("physicalLocation");
    assertEquals(
        "system-under-test/server/src/main/java/phaistos/server/wal/Wal.java",
        place.get("artifactLocation").get("uri").asText());
    assertEquals(375, place.get("region").get("startLine").asInt());
    assertTrue(
        results.get(0).get("message").get("text").asText().contains("Replay: ./phaistos run"));
    // and the check can fail
    ((com.fasterxml.jackson.databind.node.ObjectNode) results.get(0)).remove("message");
    assertThrows(IllegalStateException.class, () -> validate(log));
  }

  @Test
  void aNightWithoutFindingsIsOneToo() throws Exception {
    validate(new ObjectMapper().readTree(CampaignReportTest.none().sarif()));
  }
}
