package phaistos.checker.jepsen;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.histories.Edn;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * Nodes' logs must have no line that matches a pattern: "PANIC", "could not fsync". Unknown if
 * there is no log, or one cannot be read.
 */
public final class LogPatternChecker implements Checker<UntypedCall, Report> {
  private final Pattern pattern;
  private final Map<String, Path> logs;

  /** {@code logs}: for each node its log. */
  public LogPatternChecker(Pattern pattern, Map<String, Path> logs) {
    this.pattern = pattern;
    this.logs = new TreeMap<>(logs);
  }

  @Override
  public Report check(History<UntypedCall> history, CheckContext context) {
    List<Edn> matches = new ArrayList<>();
    for (Map.Entry<String, Path> log : logs.entrySet()) {
      try (BufferedReader in =
          new BufferedReader(
              new java.io.InputStreamReader(
                  Files.newInputStream(log.getValue()), StandardCharsets.ISO_8859_1))) {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          if (pattern.matcher(line).find()) {
            LinkedHashMap<Edn, Edn> match = new LinkedHashMap<>();
            match.put(Edn.keyword("node"), Edn.of(log.getKey()));
            match.put(Edn.keyword("line"), Edn.of(line));
            matches.add(new Edn.Table(match));
          }
        }
      } catch (IOException e) {
        return Report.unknown("the log of " + log.getKey() + " cannot be read: " + e);
      }
    }
    Report.Builder report = Report.builder().putSome("matches", matches);
    if (!matches.isEmpty()) {
      return report.invalid(
          matches.size()
              + " lines of logs match "
              + pattern
              + ": "
              + Values.some(matches.subList(0, 1)));
    }
    return logs.isEmpty() ? report.unknown("there are no logs") : report.valid();
  }
}
