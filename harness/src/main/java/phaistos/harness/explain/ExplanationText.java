package phaistos.harness.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import phaistos.harness.LoadScript;
import phaistos.histories.EdnWriter;
import phaistos.nemesis.Schedule;

/** An explanation for a terminal. */
public final class ExplanationText {
  private static final double NANOS = 1e9;
  private static final int CALLS_MAX = 40;
  private static final int COLUMNS = 110;

  private ExplanationText() {}

  public static List<String> lines(Explanation explanation) {
    List<String> lines = new ArrayList<>();
    lines.add(explanation.violation().part() + ": " + explanation.violation().kind());
    lines.add("  " + explanation.violation().reason());
    explanation.joined().forEach(line -> lines.add("  " + line));
    explanation.smaller().ifPresent(smaller -> smaller(smaller, lines));
    explanation.promise().ifPresent(place -> lines.addAll(place("broken promise: ", place)));
    lines.addAll(inevitable(explanation));
    explanation
        .junit()
        .ifPresent(
            source -> lines.add("a JUnit test that repeats it: " + JUnitSource.CLASS + ".java"));
    if (!explanation.open().isEmpty()) {
      lines.add("partial:");
      explanation.open().forEach(line -> lines.add("  " + line));
    }
    lines.add(
        "%d runs of variants in %.1f s"
            .formatted(explanation.effort().runs(), explanation.effort().seconds()));
    return lines;
  }

  private static List<String> place(String title, Explanation.Place place) {
    List<String> lines = new ArrayList<>();
    String step = place.step().isEmpty() ? "" : "step " + place.step() + ", ";
    lines.add(
        title
            + step
            + String.format(Locale.ROOT, "%.6f s", place.nanos() / NANOS)
            + ", "
            + place.task());
    if (!place.sentence().isEmpty()) {
      lines.add("  " + place.sentence());
    }
    if (!place.source().isEmpty()) {
      lines.add("  " + place.source() + " (" + place.method() + ")");
    }
    return lines;
  }

  private static List<String> inevitable(Explanation explanation) {
    List<String> lines = new ArrayList<>();
    if (explanation.curve().isEmpty()) {
      return lines;
    }
    explanation.jump().ifPresent(place -> lines.addAll(place("inevitable from: ", place)));
    if (explanation.jump().isEmpty()) {
      lines.add("inevitable from the start of the load on, or the moment was not found");
    }
    for (Explanation.Point point : explanation.curve()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  %9.6f s  %3.0f %% of %d runs",
              point.nanos() / NANOS,
              100 * point.share(),
              point.runs()));
    }
    return lines;
  }

  private static void smaller(Explanation.Smaller smaller, List<String> lines) {
    lines.add("smaller: " + size(smaller));
    happenings(smaller).stream().limit(CALLS_MAX).forEach(each -> lines.add("  " + each.text()));
    if (happenings(smaller).size() > CALLS_MAX) {
      lines.add("  ... more in explain.json");
    }
    lines.add("  " + smaller.reason());
    smaller.joined().forEach(line -> lines.add("  " + line));
  }

  /** "2 calls, 1 fault, 3 nodes, 0.31 s of load". */
  static String size(Explanation.Smaller smaller) {
    return "%s, %s, %d nodes, up to %.2f s of load"
        .formatted(
            smaller
                .calls()
                .map(calls -> count(calls.size(), "call"))
                .orElse("all calls up to its end"),
            smaller.schedule().isPresent() ? count(smaller.faults(), "fault") : "all faults",
            smaller.plan().cluster().nodes(),
            smaller.script().crashAtNanos() / NANOS);
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  /**
   * Something that happens in the smaller run.
   *
   * @param who "client 0", "faults"
   */
  record Happening(long nanos, String who, String what) {
    String text() {
      return String.format(Locale.ROOT, "%8.3f s  %-9s %s", nanos / NANOS, who, what);
    }
  }

  /** Calls, faults and the crash in the order of their times. */
  static List<Happening> happenings(Explanation.Smaller smaller) {
    List<Happening> all = new ArrayList<>();
    smaller
        .calls()
        .ifPresent(
            calls -> {
              for (LoadScript.Call call : calls) {
                String value = EdnWriter.print(call.call().value());
                String what = call.call().name() + " " + value;
                all.add(
                    new Happening(
                        call.atNanos(),
                        "client " + call.thread(),
                        what.length() > COLUMNS ? what.substring(0, COLUMNS) + " ..." : what));
              }
            });
    smaller
        .schedule()
        .ifPresent(
            schedule -> {
              for (Schedule.Entry entry : schedule.entries()) {
                all.add(new Happening(nanos(entry), "faults", words(entry.act())));
              }
            });
    all.sort(java.util.Comparator.comparingLong(Happening::nanos));
    LoadScript script = smaller.script();
    all.add(
        new Happening(
            script.crashAtNanos(),
            "all",
            script.crashesWhenAnswered()
                ? "crash as soon as every call is answered, at the latest now"
                : "crash"));
    return all;
  }

  private static long nanos(Schedule.Entry entry) {
    return entry.trigger() instanceof phaistos.nemesis.Trigger.At(long nanos) ? nanos : 0;
  }

  private static String words(Schedule.Act act) {
    return switch (act) {
      case Schedule.Begin(var handle, var fault) ->
          fault.kind().name() + " " + handle + " " + EdnWriter.print(fault.value());
      case Schedule.End(var handle, String function) -> function + " " + handle;
    };
  }
}
