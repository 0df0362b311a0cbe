package phaistos.runner;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.checker.linearizability.Algorithm;
import phaistos.checker.linearizability.Collector;
import phaistos.checker.linearizability.Explanation;
import phaistos.checker.linearizability.ExplanationPage;
import phaistos.checker.linearizability.ExplanationText;
import phaistos.checker.linearizability.Linearizability;
import phaistos.checker.linearizability.LinearizabilityResult;
import phaistos.checker.linearizability.models.NamedModel;
import phaistos.histories.Edn;
import phaistos.histories.HistoryReader;

/** {@code phaistos check --model NAME}: linearizability against a model of that name. */
record LinearizabilityCheck(NamedModel<?, ?> model, Settings settings) implements FileCheck {
  /**
   * @param memoryMegabytes the memory limit of one search; 0: a third of the JVM's memory
   * @param isExplained whether to work out why an invalid history is
   */
  record Settings(Algorithm algorithm, int threads, long memoryMegabytes, boolean isExplained) {}

  /** The time limit for an explanation; the verdict does not depend on it. */
  private static final Duration EXPLAINING = Duration.ofSeconds(5);

  @Override
  public String description() {
    return "linearizability against the model " + model.name();
  }

  @Override
  public Outcome check(Path file, Options options, CheckContext context) {
    try (HistoryReader reader = HistoryReader.open(file)) {
      return model.collect(
          reader,
          new NamedModel.Use<Outcome>() {
            @Override
            public <S, C> Outcome with(Collector<S, C> collected) {
              return check(collected, reader, file, options, context);
            }
          });
    }
  }

  private <S, C> Outcome check(
      Collector<S, C> collected,
      HistoryReader reader,
      Path file,
      Options options,
      CheckContext context) {
    Linearizability<S, C> checker =
        Linearizability.of(collected.model())
            .with(settings.algorithm)
            .withThreads(settings.threads);
    if (settings.memoryMegabytes > 0) {
      checker = checker.withMemory(settings.memoryMegabytes << 20);
    }
    LinearizabilityResult result = checker.check(collected, context);
    LinkedHashMap<Edn, Edn> details = new LinkedHashMap<>();
    details.put(Edn.of("model"), Edn.of(model.name()));
    details.put(Edn.of("algorithm"), Edn.of(settings.algorithm.word()));
    Foundation foundation = new Foundation(result.acknowledged(), result.operations(), "operation");
    foundation.addTo(details);
    details.put(Edn.of("replayed"), Edn.of(result.replayed()));
    details.put(Edn.of("keys"), Edn.of(result.keys()));
    details.put(Edn.of("configurations"), Edn.of(result.configurations()));
    details.put(Edn.of("notes"), new Edn.Vector(reader.notes().stream().map(Edn::of).toList()));
    StringBuilder text = new StringBuilder();
    reader.notes().forEach(note -> text.append(note).append('\n'));
    if (result.failure().isPresent() && settings.isExplained) {
      Explanation explanation = result.failure().get().explain(EXPLAINING);
      details.putAll(ExplanationText.value(explanation).entries());
      text.append(ExplanationText.print(explanation));
      options
          .reports()
          .ifPresent(
              reports ->
                  reports.writePage(file, ExplanationPage.print(file.toString(), explanation)));
    }
    Verdict verdict = foundation.bear(verdict(result, reader));
    Optional<String> columns =
        verdict instanceof Verdict.Valid
            ? Optional.of(foundation.text() + replayed(result))
            : Optional.empty();
    return new Outcome(verdict, new Edn.Table(details), text.toString(), columns, reader.remarks());
  }

  private static String replayed(LinearizabilityResult result) {
    return result.replayed() > 0 ? "; an order of " + result.replayed() + " replayed" : "";
  }

  /** Operations left out could make a valid history invalid, but not an invalid one valid. */
  private static Verdict verdict(LinearizabilityResult result, HistoryReader reader) {
    return result.verdict() instanceof Verdict.Valid && !reader.notes().isEmpty()
        ? new Verdict.Unknown(reader.notes().getFirst() + "; up to there it is linearizable")
        : result.verdict();
  }
}
