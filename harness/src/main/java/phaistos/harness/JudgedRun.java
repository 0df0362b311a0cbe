package phaistos.harness;

import java.util.List;
import java.util.Optional;
import phaistos.checker.pages.FaultSpans;
import phaistos.harness.run.Recording;

/** A run with its findings and losses. */
public final class JudgedRun {
  private final Recording recording;
  private final List<Finding> findings;
  private final RunLosses losses;

  private JudgedRun(Recording recording, List<Finding> findings, RunLosses losses) {
    this.recording = recording;
    this.findings = findings;
    this.losses = losses;
  }

  static JudgedRun of(Recording recording, RunJudge.Judgement judgement) {
    return new JudgedRun(recording, Finding.of(judgement.parts()), RunLosses.of(judgement.parts()));
  }

  public Recording recording() {
    return recording;
  }

  public List<Finding> findings() {
    return findings;
  }

  /** Whether it has a violation of this kind by this check. */
  public Optional<Finding> like(Finding wanted) {
    return findings.stream().filter(wanted::isLike).findFirst();
  }

  /** When each lost commit was acknowledged, ascending. */
  public long[] lostNanos() {
    return losses.lostNanos().clone();
  }

  /** The faults, in the order in which they began. */
  public List<FaultSpans.Timed> faults() {
    return FaultSpans.timed(recording.events(), RunTimes.MOMENTARY, endNanos());
  }

  /** The time of the last event. */
  public long endNanos() {
    return recording.events().isEmpty() ? 0 : recording.events().getLast().timeNanos();
  }

  /** The losses joined with the faults, in sentences; none if nothing is lost. */
  public List<String> joined() {
    return losses.sentences(faults());
  }
}
