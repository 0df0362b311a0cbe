package phaistos.harness.campaign;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import phaistos.checker.pages.JsonTexts;
import phaistos.harness.Violation;

/**
 * A night's findings as SARIF 2.1.0 (OASIS), for what shows results beside sources: a rule for each
 * violation, a result for each finding. A result is at the source line of the step at which the
 * violation becomes inevitable; where that is not known, at the page of its run.
 */
final class CampaignSarif {
  private static final Pattern PLACE = Pattern.compile("(.+):(\\d+)");

  private CampaignSarif() {}

  static String text(CampaignReport report) {
    return JsonTexts.indented(json -> write(report, json));
  }

  private static void write(CampaignReport report, JsonGenerator json) throws IOException {
    List<Finding> findings = report.findings();
    Set<Violation> rules = new LinkedHashSet<>();
    findings.forEach(finding -> rules.add(finding.violation()));
    json.writeStartObject();
    json.writeStringField(
        "$schema",
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json");
    json.writeStringField("version", "2.1.0");
    json.writeArrayFieldStart("runs");
    json.writeStartObject();
    json.writeObjectFieldStart("tool");
    json.writeObjectFieldStart("driver");
    json.writeStringField("name", "phaistos");
    json.writeStringField("semanticVersion", "0.1.0");
    json.writeArrayFieldStart("rules");
    for (Violation rule : rules) {
      json.writeStartObject();
      json.writeStringField("id", Finding.id(new Cause.Kind(rule, "")));
      message("shortDescription", rule.checker(), json);
      message("fullDescription", rule.checker() + ": " + rule.kind(), json);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndObject();
    json.writeArrayFieldStart("invocations");
    json.writeStartObject();
    json.writeBooleanField("executionSuccessful", report.exitCode() < 2);
    json.writeStringField("startTimeUtc", report.night().began().toString());
    json.writeEndObject();
    json.writeEndArray();
    json.writeArrayFieldStart("results");
    for (Finding finding : findings) {
      result(finding, List.copyOf(rules).indexOf(finding.violation()), report, json);
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void message(String name, String text, JsonGenerator json) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeStringField("text", text);
    json.writeEndObject();
  }

  private static void result(Finding finding, int rule, CampaignReport report, JsonGenerator json)
      throws IOException {
    Entry.Run run = finding.representative();
    json.writeStartObject();
    json.writeStringField("ruleId", Finding.id(new Cause.Kind(finding.violation(), "")));
    json.writeNumberField("ruleIndex", rule);
    json.writeStringField("level", "error");
    json.writeStringField("kind", "fail");
    json.writeStringField("baselineState", finding.isNew() ? "new" : "unchanged");
    message(
        "message",
        "%s%nIn %,d runs. Replay: %s"
            .formatted(run.result().reason(), finding.runs().size(), run.command()),
        json);
    json.writeNumberField("occurrenceCount", finding.runs().size());
    json.writeObjectFieldStart("partialFingerprints");
    json.writeStringField("cause/v1", finding.id());
    json.writeEndObject();
    json.writeArrayFieldStart("locations");
    Matcher place = PLACE.matcher(finding.source().orElse(""));
    if (place.matches()) {
      location(inSources(place.group(1)), Integer.parseInt(place.group(2)), json);
    } else if (report.folder(run).isPresent()) {
      location(report.folder(run).get() + "/index.html", 1, json);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void location(String path, int line, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeObjectFieldStart("physicalLocation");
    json.writeObjectFieldStart("artifactLocation");
    json.writeStringField("uri", uri(path));
    json.writeEndObject();
    json.writeObjectFieldStart("region");
    json.writeNumberField("startLine", line);
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndObject();
  }

  /** From the project's root, if it is a file of the server. */
  private static String inSources(String file) {
    return file.startsWith("phaistos/server/")
        ? "system-under-test/server/src/main/java/" + file
        : file;
  }

  /** A reference, encoded: a path may hold anything. */
  private static String uri(String path) {
    try {
      return new java.net.URI(null, null, path.replace('\\', '/'), null).toASCIIString();
    } catch (java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
