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
 * add one, implement this and name it in {@link FileChecks}. Calls are never concurrent.
 */
interface FileCheck {
  /**
   * The user's request.
   *
   * @param more the {@code --option KEY=VALUE} pairs, for this checker alone
   * @param reports where to write pages and other artifacts, if wanted
   * @param wal data directories whose WAL tells the order of versions
   */
  record Options(
      Optional<Duration> timeLimit,
      Map<String, String> more,
      Optional<ReportFolder> reports,
      List<Path> wal) {}

  /**
   * A file's verdict, and the fields of {@code --json} beyond path, verdict and reason.
   *
   * @param text the text after the line on standard output, without {@code --json}; may be empty
   * @param columns the columns after path and verdict, separated by tabs; without it the reason
   * @param notes messages for standard error: what was not searched, or not completely
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

    /** The verdict, limited by what it rests on; a valid one names that. */
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
   * Judges one file. A {@link phaistos.histories.HistoryException} means that the file is no
   * history; the verdict is then unknown; a {@link UsageException} ends the whole command.
   */
  Outcome check(Path file, Options options, CheckContext context);
}
