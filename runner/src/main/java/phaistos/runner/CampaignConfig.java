package phaistos.runner;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import phaistos.runner.options.GivenPath;
import phaistos.runner.options.UsageException;

/**
 * Options of {@code campaign} in a file, so that a line of cron stays short: an option with its
 * value a line, as a shell takes them. What follows {@code #} is a comment.
 */
final class CampaignConfig {
  static final String OPTION = "--config";

  private CampaignConfig() {}

  /** The arguments with {@code --config FILE} replaced by what is in the file. */
  static String[] expanded(String... arguments) {
    if (arguments.length == 0 || !arguments[0].equals("campaign")) {
      return arguments;
    }
    List<String> words = new ArrayList<>();
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].equals(OPTION) && i + 1 < arguments.length) {
        words.addAll(read(Path.of(arguments[++i])));
      } else if (arguments[i].startsWith(OPTION + "=")) {
        words.addAll(read(Path.of(arguments[i].substring(OPTION.length() + 1))));
      } else {
        words.add(arguments[i]);
      }
    }
    return words.toArray(String[]::new);
  }

  private static List<String> read(Path file) {
    List<String> words = new ArrayList<>();
    List<String> lines = GivenPath.lines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = CampaignMix.withoutComment(lines.get(i));
      if (line.isEmpty()) {
        continue;
      }
      if (!line.startsWith("-")) {
        throw new UsageException(
            "%s, line %d: no option: '%s' (expected for example --for 8h)"
                .formatted(file, i + 1, line));
      }
      List<String> own = LikeRun.split(line);
      if (own.getFirst().equals(OPTION)) {
        throw new UsageException("%s, line %d: a file in a file".formatted(file, i + 1));
      }
      words.addAll(own);
    }
    return words;
  }
}
