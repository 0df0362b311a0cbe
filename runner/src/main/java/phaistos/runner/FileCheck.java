package phaistos.runner;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.histories.Edn;
import phaistos.runner.options.UsageException;

/**
 * A checker that {@code phaistos check --checker NAME FILE...} can run on a recorded history. To
 * add one, implement this and name it in {@link FileChecks}. Not called concurrently.
 */
interface FileCheck {
  /**
   * What the user asked for.
   *
   * @param more the {@code --option KEY=VALUE} pairs, for this checker alone
   * @param reports where to write pages and other artifacts, if wanted
   */
  record Options(
      Optional<Duration> timeLimit, Map<String, String> more, Optional<ReportFolder> reports) {}

  /**
   * A file's verdict, and what {@code --json} says of it beyond path, verdict and reason.
   *
   * @param text what follows the line on standard output when a person reads, may be empty
   * @param columns what stands after path and verdict, with tabs; if not given, the reason
   * @param notes what a person must know beside the line: what was not looked for, or not to its
   *     end; on standard error
   */
  record Outcome(
      Verdict verdict,
      Edn.Table details,
      String text,
      Optional<String> columns,
      List<String> notes) {
    Outcome(Verdict verdict, Edn.Table details, String text) {
      this(verdict, details, text, Optional.empty(), List.of());
    }

    /** The verdict, as far as its foundation bears it; a valid one says on what it rests. */
    static Outcome on(
        Foundation foundation,
        Verdict verdict,
        Edn.Table details,
        String text,
        List<String> notes) {
      Verdict borne = foundation.bear(verdict);
      Optional<String> columns =
          borne instanceof Verdict.Valid ? Optional.of(foundation.text()) : Optional.empty();
      return new Outcome(borne, details, text, columns, notes);
    }

    static Outcome of(Verdict verdict) {
      return new Outcome(verdict, Edn.Table.EMPTY, "");
    }
  }

  /** One line for the help. */
  String description();

  /**
   * Judges one file. A {@link phaistos.histories.HistoryException} means that it is no history, and
   * becomes unknown; a {@link UsageException} ends the whole command.
   */
  Outcome check(Path file, Options options, CheckContext context);
}
