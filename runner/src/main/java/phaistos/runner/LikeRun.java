package phaistos.runner;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import phaistos.harness.StoredRun;
import phaistos.runner.options.GivenPath;
import phaistos.runner.options.UsageException;

/**
 * The options of a stored run. {@code run --like DIR} takes them, so that a run can be repeated
 * without naming what was planted in it, and {@code analyze} knows what to judge.
 */
final class LikeRun {
  static final String OPTION = "--like";

  private LikeRun() {}

  /**
   * The arguments with {@code run --like DIR} replaced by the run's own; other arguments stay as
   * they are.
   */
  static String[] expanded(String... arguments) {
    boolean isLike =
        arguments.length >= 3 && arguments[0].equals("run") && arguments[1].equals(OPTION);
    if (!isLike) {
      return arguments;
    }
    List<String> words = new ArrayList<>(List.of("run"));
    words.addAll(options(open(Path.of(arguments[2]))));
    words.addAll(Arrays.asList(arguments).subList(3, arguments.length));
    return words.toArray(String[]::new);
  }

  /**
   * The run of a folder that the user names.
   *
   * @throws StoredRun.StoredRunException if test.edn is damaged
   */
  static StoredRun open(Path folder) {
    try {
      return StoredRun.open(GivenPath.directory(folder));
    } catch (StoredRun.StoredRunException e) {
      if (e.isMissing()) {
        throw new UsageException(e.getMessage(), e);
      }
      throw e;
    }
  }

  /** The options that made the run, without {@code ./phaistos run}. */
  static List<String> options(StoredRun run) {
    String command =
        run.command()
            .orElseThrow(
                () ->
                    new UsageException(
                        run.folder()
                            + ": no command made this run, so only the program that made it can"
                            + " repeat or judge it"));
    List<String> words = split(command);
    List<String> options = new ArrayList<>(words.subList(2, words.size()));
    int schedule = options.indexOf("--schedule");
    if (schedule >= 0 && schedule + 1 < options.size() && Files.exists(run.schedule())) {
      options.set(schedule + 1, run.schedule().toString());
    }
    return options;
  }

  /** The words of a command as a shell splits them; quotes are single ones. */
  static List<String> split(String command) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean isQuoted = false;
    boolean isBegun = false;
    for (int i = 0; i < command.length(); i++) {
      char c = command.charAt(i);
      if (c == '\'') {
        isQuoted = !isQuoted;
        isBegun = true;
      } else if (c == '\\' && !isQuoted && i + 1 < command.length()) {
        word.append(command.charAt(++i));
        isBegun = true;
      } else if (c == ' ' && !isQuoted) {
        if (isBegun) {
          words.add(word.toString());
        }
        word.setLength(0);
        isBegun = false;
      } else {
        word.append(c);
        isBegun = true;
      }
    }
    if (isBegun) {
      words.add(word.toString());
    }
    return words;
  }
}
