package phaistos.harness.campaign;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import phaistos.harness.Violation;
import phaistos.harness.explain.ExplanationFiles;

/**
 * What a night has found, in the light of the nights before it.
 *
 * @param entries the whole journal
 * @param cut why it ended early, if it did
 */
public record CampaignReport(
    CampaignOptions options, List<Entry> entries, Entry.Night night, Optional<String> cut) {
  public CampaignReport {
    entries = List.copyOf(entries);
  }

  List<Entry.Run> runs() {
    List<Entry.Run> runs = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry instanceof Entry.Run run && run.night().equals(night.id())) {
        runs.add(run);
      }
    }
    return runs;
  }

  List<Finding> findings() {
    return Findings.of(entries, night.id(), options.known());
  }

  /** How many runs ended in which way, canaries aside. */
  Map<RunResult.Ending, Integer> counts() {
    Map<RunResult.Ending, Integer> counts = new EnumMap<>(RunResult.Ending.class);
    for (Entry.Run run : runs()) {
      if (run.why() != Entry.Why.CANARY) {
        counts.merge(run.result().ending(), 1, Integer::sum);
      }
    }
    return counts;
  }

  /** What all runs of the night have reached together, canaries aside. */
  Features.Reached reached() {
    return Features.reached(
        runs().stream()
            .filter(run -> run.why() != Entry.Why.CANARY)
            .map(Entry.Run::result)
            .toList());
  }

  /** Why runs had no answer, in words that they share, with how many. */
  Map<String, Integer> unanswered() {
    Map<String, Integer> reasons = new TreeMap<>();
    for (Entry.Run run : runs()) {
      if (run.why() != Entry.Why.CANARY && run.result().ending() == RunResult.Ending.UNKNOWN) {
        String reason = run.result().reason();
        int colon = reason.indexOf(": ");
        reasons.merge(Violation.kind(reason.substring(colon < 0 ? 0 : colon + 2)), 1, Integer::sum);
      }
    }
    return reasons;
  }

  /** "valid", "invalid", "unknown", "crashed". */
  String word() {
    return switch (exitCode()) {
      case 0 -> "valid";
      case 1 -> "invalid";
      case 2 -> "unknown";
      default -> "crashed";
    };
  }

  boolean isCanaryFound() {
    return runs().stream().anyMatch(Schedule::isFound);
  }

  /** Why the night's answer is unknown, if nothing worse was found; empty if it is known. */
  Optional<String> unknown() {
    if (counts().isEmpty()) {
      return Optional.of("no run came to its end");
    }
    if (!options.canaries().isEmpty() && !isCanaryFound()) {
      return Optional.of("the canary's defect was not found: what finds nothing proves nothing");
    }
    return cut.map(why -> "cut short by " + why);
  }

  /** For a terminal. */
  public List<String> text() {
    return CampaignText.lines(this);
  }

  /** JSON. */
  public String json() {
    return CampaignJson.text(this);
  }

  /** JUnit's XML. */
  public String junit() {
    return CampaignJUnit.text(this);
  }

  /** SARIF 2.1.0. */
  public String sarif() {
    return CampaignSarif.text(this);
  }

  /** One page over all nights. */
  public String page() {
    return new CampaignPage(this).build();
  }

  /** Whether a run's files are still there. */
  boolean isKept(Entry.Run run) {
    return folder(run).map(Path::of).filter(Files::isDirectory).isPresent();
  }

  /** Whether an explanation has left a test that repeats the run's violation. */
  boolean hasTest(Entry.Run run) {
    return folder(run)
        .map(path -> Path.of(path, ExplanationFiles.TEST))
        .filter(Files::exists)
        .isPresent();
  }

  /** The folder of a run as a person types it; empty if it is not kept. */
  Optional<String> folder(Entry.Run run) {
    return run.result().folder().map(path -> options.folder().resolve(path).toString());
  }

  /** Of the runs' exit codes the worst of 255, 1, 2, 0. */
  public int exitCode() {
    Map<RunResult.Ending, Integer> counts = counts();
    List<Integer> codes =
        new ArrayList<>(counts.keySet().stream().map(RunResult.Ending::exitCode).toList());
    unknown().ifPresent(_ -> codes.add(2));
    for (int worst : new int[] {255, 1, 2}) {
      if (codes.contains(worst)) {
        return worst;
      }
    }
    return 0;
  }
}
