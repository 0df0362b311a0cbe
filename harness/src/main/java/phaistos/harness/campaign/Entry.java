package phaistos.harness.campaign;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import phaistos.histories.Edn;

/** One line of a campaign's journal. */
public sealed interface Entry {
  /** Why a seed is run. */
  enum Why {
    /** With a planted defect that every night must find. */
    CANARY,
    /** It failed before. */
    FAILED,
    /** It reached what no run before it had reached. */
    COVERAGE,
    /** It was never run. */
    FRESH;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A night begins.
   *
   * @param id the time of its begin, as in the store's folders
   * @param asked what the command asked for; a killed night goes on if the next one asks the same
   * @param revision of the project
   * @param firstSeed the first of its fresh seeds
   */
  record Night(String id, Instant began, String asked, String revision, long firstSeed)
      implements Entry {}

  /** A command goes on with a night that did not end. */
  record Resumed(String night, Instant at) implements Entry {}

  /** A night has done what it was asked for. */
  record Ended(String night, Instant at) implements Entry {}

  /**
   * A run is over.
   *
   * @param number of the run in this store, from 1
   * @param options those of {@code run}, without the seed, as a shell takes them
   */
  record Run(
      int number, String night, Why why, long seed, String options, Instant ended, RunResult result)
      implements Entry {
    Run withFolder(Optional<String> folder) {
      return new Run(number, night, why, seed, options, ended, result.withFolder(folder));
    }

    /** The command that repeats the run; with the name of a planted defect. */
    String command() {
      return "./phaistos run " + (options.isEmpty() ? "" : options + " ") + "--seed " + seed;
    }

    /** Of a canary it is no finding. */
    boolean isFailure() {
      return why != Why.CANARY && result.ending().isFailure();
    }

    Key key() {
      return new Key(options, seed);
    }
  }

  /** What makes two runs the same test. */
  record Key(String options, long seed) {}

  /** A failure was looked into; without an explanation there was no answer within the limit. */
  record Explained(int number, Optional<Explainer.Explanation> explanation) implements Entry {}

  /** The line, without its end. */
  default Edn.Table toEdn() {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    switch (this) {
      case Night night -> {
        table.put(Edn.keyword("night"), Edn.of(night.id));
        table.put(Edn.keyword("began"), Edn.of(night.began.toString()));
        table.put(Edn.keyword("asked"), Edn.of(night.asked));
        table.put(Edn.keyword("revision"), Edn.of(night.revision));
        table.put(Edn.keyword("first-seed"), Edn.of(night.firstSeed));
      }
      case Resumed resumed -> {
        table.put(Edn.keyword("resumed"), Edn.of(resumed.night));
        table.put(Edn.keyword("at"), Edn.of(resumed.at.toString()));
      }
      case Ended end -> {
        table.put(Edn.keyword("ended"), Edn.of(end.night));
        table.put(Edn.keyword("at"), Edn.of(end.at.toString()));
      }
      case Run run -> {
        table.put(Edn.keyword("run"), Edn.of(run.number));
        table.put(Edn.keyword("of-night"), Edn.of(run.night));
        table.put(Edn.keyword("why"), Edn.keyword(run.why.word()));
        table.put(Edn.keyword("seed"), Edn.of(run.seed));
        table.put(Edn.keyword("options"), Edn.of(run.options));
        table.put(Edn.keyword("at"), Edn.of(run.ended.toString()));
        table.putAll(run.result.toEdn().entries());
      }
      case Explained explained -> {
        table.put(Edn.keyword("explained"), Edn.of(explained.number));
        explained.explanation.ifPresent(found -> table.putAll(toEdn(found).entries()));
      }
    }
    return new Edn.Table(table);
  }

  /**
   * @throws IllegalArgumentException if the line is none of a journal
   */
  static Entry ofEdn(Edn.Table table) {
    if (table.get("run") instanceof Edn.Int(long number)) {
      return new Run(
          (int) number,
          Fields.text(table, "of-night"),
          Fields.word(table, "why", Why.class),
          Fields.number(table, "seed"),
          Fields.text(table, "options"),
          instant(table, "at"),
          RunResult.ofEdn(table));
    }
    if (table.get("explained") instanceof Edn.Int(long number)) {
      return new Explained((int) number, explanation(table));
    }
    if (table.get("night") instanceof Edn.Text(String id)) {
      return new Night(
          id,
          instant(table, "began"),
          Fields.text(table, "asked"),
          Fields.text(table, "revision"),
          Fields.number(table, "first-seed"));
    }
    if (table.get("resumed") instanceof Edn.Text(String id)) {
      return new Resumed(id, instant(table, "at"));
    }
    return new Ended(Fields.text(table, "ended"), instant(table, "at"));
  }

  /** The fields of an explanation. */
  static Edn.Table toEdn(Explainer.Explanation found) {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    found.step().ifPresent(step -> table.put(Edn.keyword("step"), Edn.of(step)));
    found.source().ifPresent(place -> table.put(Edn.keyword("source"), Edn.of(place)));
    table.put(Edn.keyword("promise?"), found.isPromise() ? Edn.TRUE : Edn.FALSE);
    table.put(Edn.keyword("shape"), Edn.of(found.shape()));
    table.put(Edn.keyword("complete?"), found.isComplete() ? Edn.TRUE : Edn.FALSE);
    table.put(
        Edn.keyword("sentences"),
        new Edn.Vector(found.sentences().stream().<Edn>map(Edn::of).toList()));
    return new Edn.Table(table);
  }

  /** Empty if there is none. */
  static Optional<Explainer.Explanation> explanation(Edn.Table table) {
    List<String> sentences = new ArrayList<>();
    if (table.get("sentences") instanceof Edn.Vector all) {
      all.items().forEach(each -> sentences.add(Fields.text(each)));
    }
    return Fields.optionalText(table, "shape")
        .map(
            shape ->
                new Explainer.Explanation(
                    Fields.optionalText(table, "step"),
                    Fields.optionalText(table, "source"),
                    table.get("promise?").equals(Edn.TRUE),
                    shape,
                    table.get("complete?").equals(Edn.TRUE),
                    sentences));
  }

  private static Instant instant(Edn.Table table, String key) {
    try {
      return Instant.parse(Fields.text(table, key));
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("no time at :" + key, e);
    }
  }
}
