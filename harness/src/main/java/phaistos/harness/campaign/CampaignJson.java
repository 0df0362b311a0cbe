package phaistos.harness.campaign;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import phaistos.checker.pages.JsonTexts;

/** A night as JSON; docs/CAMPAIGNS.md lists the keys. */
final class CampaignJson {
  private CampaignJson() {}

  static String text(CampaignReport report) {
    return JsonTexts.indented(json -> write(report, json));
  }

  private static void write(CampaignReport report, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("verdict", report.word());
    json.writeNumberField("exit", report.exitCode());
    json.writeStringField("summary", CampaignText.summary(report));
    json.writeStringField("night", report.night().id());
    json.writeStringField("asked", report.night().asked());
    json.writeStringField("revision", report.night().revision());
    json.writeBooleanField("canary-found", report.isCanaryFound());
    json.writeObjectFieldStart("counts");
    for (var count : report.counts().entrySet()) {
      json.writeNumberField(count.getKey().word(), count.getValue());
    }
    json.writeEndObject();
    JsonTexts.strings("not-reached", report.reached().unmet(), json);
    json.writeArrayFieldStart("saturation");
    for (Saturation.Rise rise : Saturation.of(report.runs()).rises()) {
      json.writeStartObject();
      json.writeNumberField("runs", rise.runs());
      json.writeNumberField("reached", rise.reached());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("findings");
    for (Finding finding : report.findings()) {
      finding(finding, report, json);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("runs");
    for (Entry.Run run : report.runs()) {
      run(run, json);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void finding(Finding finding, CampaignReport report, JsonGenerator json)
      throws IOException {
    Entry.Run run = finding.representative();
    json.writeStartObject();
    json.writeStringField("id", finding.id());
    json.writeBooleanField("new", finding.isNew());
    json.writeStringField("checker", finding.violation().checker());
    json.writeStringField("kind", finding.violation().kind());
    json.writeStringField("step", finding.step().orElse(null));
    json.writeStringField("source", finding.source().orElse(null));
    json.writeStringField("promise", finding.promise().map(BrokenPromise::sentence).orElse(null));
    if (finding.explanation().isPresent()) {
      Explainer.Explanation found = finding.explanation().get();
      json.writeObjectFieldStart("explanation");
      json.writeStringField("step", found.step().orElse(null));
      json.writeStringField("source", found.source().orElse(null));
      json.writeStringField("shape", found.shape());
      json.writeBooleanField("complete", found.isComplete());
      JsonTexts.strings("sentences", found.sentences(), json);
      json.writeEndObject();
    }
    json.writeNumberField("runs", finding.runs().size());
    JsonTexts.strings("common-faults", finding.commonFaults(), json);
    json.writeArrayFieldStart("seeds");
    for (Entry.Run each : finding.runs()) {
      json.writeNumber(each.seed());
    }
    json.writeEndArray();
    json.writeStringField("representative", report.folder(run).orElse(null));
    json.writeStringField("reason", run.result().reason());
    json.writeStringField("replay", run.command());
    json.writeEndObject();
  }

  private static void run(Entry.Run run, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeNumberField("number", run.number());
    json.writeStringField("why", run.why().word());
    json.writeNumberField("seed", run.seed());
    json.writeStringField("ended", run.ended().toString());
    json.writeStringField("ending", run.result().ending().word());
    json.writeStringField("workload", run.result().workload());
    json.writeNumberField("real-millis", run.result().realMillis());
    json.writeNumberField("simulated-nanos", run.result().simulatedNanos());
    json.writeStringField("trace", run.result().trace().orElse(null));
    json.writeStringField("replay", run.command());
    json.writeEndObject();
  }
}
