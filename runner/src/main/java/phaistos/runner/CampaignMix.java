package phaistos.runner;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import phaistos.harness.Harness;
import phaistos.histories.generators.Seed;
import phaistos.runner.options.GivenPath;
import phaistos.runner.options.UsageException;
import picocli.CommandLine;

/**
 * What a campaign runs. A mix file has a test in each line: a weight, then options of {@code run}.
 * A seed draws a line, by the weights, and one word of each {@code {a|b|c}} in it.
 *
 * <pre>
 * # nightly.mix
 * 3  --time-limit 30s
 * 1  --workload bank,register --nemesis {partition|kill}
 * 1  --time-limit 30s --defect {released-on-write|waits-for-write}
 * </pre>
 *
 * @param lines at least one
 */
record CampaignMix(List<Line> lines) implements LongFunction<String> {
  private static final Pattern CHOICE = Pattern.compile("\\{([^{}]*)\\}");
  private static final int WEIGHTS_MAX = 1_000_000_000;
  private static final Pattern LINE = Pattern.compile("(\\d{1,6})(?:\\s+(.*))?");

  /**
   * @param weight at least 1
   * @param options of {@code run}, with choices
   */
  record Line(int weight, String options) {}

  CampaignMix {
    lines = List.copyOf(lines);
  }

  /**
   * One test; without options the default mix.
   *
   * @throws UsageException if {@code run} would refuse it
   */
  static CampaignMix of(List<String> options) {
    String words = String.join(" ", options.stream().map(CampaignMix::quoted).toList());
    Line line = new Line(1, words);
    check(line).ifPresent(problem -> refuse(problem));
    return new CampaignMix(List.of(line));
  }

  /**
   * @param more options that are put behind those of each line
   * @throws UsageException naming file and line, if {@code run} would refuse one
   */
  static CampaignMix read(Path file, List<String> more) {
    List<Line> lines = new ArrayList<>();
    List<String> texts = GivenPath.lines(file);
    long sum = 0;
    String behind = String.join(" ", more.stream().map(CampaignMix::quoted).toList());
    for (int i = 0; i < texts.size(); i++) {
      String text = withoutComment(texts.get(i));
      if (text.isEmpty()) {
        continue;
      }
      String where = file + ", line " + (i + 1) + ": ";
      Matcher matcher = LINE.matcher(text);
      if (!matcher.matches() || Integer.parseInt(matcher.group(1)) < 1) {
        refuse(where + "expected a weight of at least 1, then options of run: '" + text + "'");
      }
      String options = matcher.group(2) == null ? "" : matcher.group(2);
      Line line = new Line(Integer.parseInt(matcher.group(1)), (options + " " + behind).strip());
      check(line).ifPresent(problem -> refuse(where + problem));
      lines.add(line);
      sum += line.weight;
      if (sum > WEIGHTS_MAX) {
        refuse(where + "the weights are more than %,d in all".formatted(WEIGHTS_MAX));
      }
    }
    if (lines.isEmpty()) {
      refuse(file + ": no test in it");
    }
    return new CampaignMix(lines);
  }

  static String withoutComment(String line) {
    return line.replace('\t', ' ').replaceFirst("(^|\\s)#.*", "").strip();
  }

  private static void refuse(String problem) {
    throw new UsageException(problem);
  }

  private static String quoted(String word) {
    return word.matches("[\\w./+=,:@%{}|-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** What is wrong with a line; every choice is tried. */
  private static Optional<String> check(Line line) {
    if (line.options.chars().anyMatch(Character::isISOControl)) {
      return Optional.of("a control character in an option");
    }
    if (line.options.chars().filter(c -> c == '\'').count() % 2 != 0) {
      return Optional.of("a quote that does not end: " + line.options);
    }
    for (String options : all(line.options)) {
      try {
        if (LikeRun.split(options).stream()
            .anyMatch(word -> word.matches("--(seed|store|like)(=.*)?"))) {
          return Optional.of("--seed, --store and --like are the campaign's own");
        }
        List<String> objections = Harness.objections(CampaignWorker.command(options, 1).plan());
        if (!objections.isEmpty()) {
          return Optional.of(objections.getFirst());
        }
      } catch (CommandLine.UnmatchedArgumentException e) {
        return Optional.of("no option of run: " + String.join(" ", e.getUnmatched()));
      } catch (CommandLine.ParameterException | UsageException e) {
        return Optional.of(e.getMessage());
      }
    }
    return Optional.empty();
  }

  /** The line with each choice taken once, others at their first word. */
  private static List<String> all(String options) {
    List<String> all = new ArrayList<>();
    Matcher matcher = CHOICE.matcher(options);
    while (matcher.find()) {
      for (String word : matcher.group(1).split("\\|", -1)) {
        String one =
            options.substring(0, matcher.start()) + word + options.substring(matcher.end());
        all.add(CHOICE.matcher(one).replaceAll(choice -> first(choice.group(1))));
      }
    }
    return all.isEmpty() ? List.of(options) : all;
  }

  private static String first(String words) {
    return Matcher.quoteReplacement(words.split("\\|", -1)[0]);
  }

  /** The options of a seed, drawn from it. */
  @Override
  public String apply(long seed) {
    Seed draw = new Seed(seed).child("campaign");
    int sum = lines.stream().mapToInt(Line::weight).sum();
    int at = draw.child("line").drawInt(sum);
    for (Line line : lines) {
      at -= line.weight;
      if (at < 0) {
        int[] count = {0};
        return CHOICE
            .matcher(line.options)
            .replaceAll(
                choice -> {
                  String[] words = choice.group(1).split("\\|", -1);
                  int index = draw.child("choice").child(count[0]++).drawInt(words.length);
                  return Matcher.quoteReplacement(words[index]);
                });
      }
    }
    throw new IllegalStateException("weights=" + lines);
  }
}
