package phaistos.checker.plots;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import phaistos.checker.pages.PageData;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/** Plots are there for what a history has, load nothing, and stay small. */
class HistoryPlotsTest {
  private static final Pattern LOADS =
      Pattern.compile("(src|href)=.?(https?:)?//|url\\((?!data:)|@import");

  private static final int SIZE_MAX = 3_000_000;

  private final SplittableRandom random = new SplittableRandom(5);

  private History<UntypedCall> history(int operations, String f, Edn value) {
    List<Event<UntypedCall>> events = new ArrayList<>();
    long time = 0;
    for (int i = 0; i < operations; i++) {
      Process process = new Process.Client(i % 7);
      UntypedCall call = new UntypedCall(Edn.keyword(f), value);
      events.add(new Event.Invoke<>(events.size(), time, process, call, Details.NONE));
      time += 1 + random.nextInt(2_000_000);
      if (i == operations / 2) {
        UntypedCall kill = new UntypedCall(Edn.keyword("kill"), Edn.NIL);
        events.add(new Event.Info<>(events.size(), time, Process.NEMESIS, kill, Details.NONE));
      }
      events.add(
          switch (random.nextInt(10)) {
            case 0 -> new Event.Fail<>(events.size(), time, process, call, Details.NONE);
            case 1 -> new Event.Info<>(events.size(), time, process, call, Details.NONE);
            default -> new Event.Ok<>(events.size(), time, process, call, Details.NONE);
          });
    }
    return History.of(events);
  }

  @Test
  void everyPlotIsThereAndLoadsNothing() {
    Edn.Table balances = new Edn.Table(new java.util.LinkedHashMap<>(Map.of(Edn.of(0), Edn.of(9))));
    Map<String, String> plots = HistoryPlots.draw(history(500, "read", balances));
    assertEquals(
        Set.of("latency-raw.svg", "latency-quantiles.svg", "rate.svg", "bank.svg", "timeline.html"),
        plots.keySet());
    plots.forEach(
        (name, text) -> {
          assertFalse(LOADS.matcher(text).find(), name);
          assertTrue(text.contains("prefers-color-scheme:"), name);
          assertTrue(text.contains("kill"), name + " shows no fault");
        });
    JsonNode series = PageData.of(plots.get("timeline.html"), "series");
    assertEquals("kill", series.get("faults").get(0).get("kind").asText());
  }

  @Test
  void aSetIsDrawnWithItsReads() {
    List<Event<UntypedCall>> events = new ArrayList<>();
    UntypedCall add = new UntypedCall(Edn.keyword("add"), Edn.of(1));
    UntypedCall read = new UntypedCall(Edn.keyword("read"), Edn.vector(Edn.of(1)));
    Process process = new Process.Client(0);
    events.add(new Event.Invoke<>(0, 0, process, add, Details.NONE));
    events.add(new Event.Ok<>(1, 1_000_000, process, add, Details.NONE));
    events.add(new Event.Invoke<>(2, 2_000_000, process, read, Details.NONE));
    events.add(new Event.Ok<>(3, 3_000_000, process, read, Details.NONE));
    assertTrue(HistoryPlots.draw(History.of(events)).containsKey("set.svg"));
  }

  @Test
  void oneWrongTotalAmongManyIsDrawn() {
    List<Event<UntypedCall>> events = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      Edn balances =
          new Edn.Table(
              new java.util.LinkedHashMap<>(Map.of(Edn.of(0), Edn.of(i == 7_777 ? 8 : 9))));
      UntypedCall read = new UntypedCall(Edn.keyword("read"), balances);
      Process process = new Process.Client(0);
      events.add(new Event.Invoke<>(2 * i, i * 1_000_000L, process, read, Details.NONE));
      events.add(new Event.Ok<>(2 * i + 1, i * 1_000_000L + 1, process, read, Details.NONE));
    }
    String svg = HistoryPlots.draw(History.of(events)).get("bank.svg");
    assertTrue(svg.split("<circle").length < 1_000, "binned");
    // All dots but one stand at the height of the right total.
    Map<String, Long> heights =
        java.util.regex.Pattern.compile("cy=\"([^\"]+)\"")
            .matcher(svg)
            .results()
            .collect(
                java.util.stream.Collectors.groupingBy(
                    m -> m.group(1), java.util.stream.Collectors.counting()));
    assertEquals(2, heights.size(), heights.toString());
    assertTrue(heights.containsValue(1L), heights.toString());
  }

  @Test
  void aProcessThatCrashedLeavesItsColumnToTheNext() {
    List<Event<UntypedCall>> events = new ArrayList<>();
    UntypedCall call = new UntypedCall(Edn.keyword("write"), Edn.of(1));
    for (long id = 0; id < 4; id++) {
      Process process = new Process.Client(id);
      events.add(new Event.Invoke<>(events.size(), -1, process, call, Details.NONE));
      events.add(
          id == 1
              ? new Event.Ok<>(events.size(), -1, process, call, Details.NONE)
              : new Event.Info<>(events.size(), -1, process, call, Details.NONE));
    }
    String page = HistoryPlots.draw(History.of(events)).get("timeline.html");
    // Process 1 did not crash, and may go on: 2 gets a column of its own.
    JsonNode operations = PageData.of(page, "operations");
    List<String> lanes = new ArrayList<>();
    operations.get("lanes").forEach(lane -> lanes.add(lane.asText()));
    assertEquals(List.of("0, 1", "2, 3"), lanes);
  }

  @Test
  void aHundredThousandOperationsAreBinned() {
    HistoryPlots.draw(history(100_000, "read", Edn.NIL))
        .forEach((name, text) -> assertTrue(text.length() < SIZE_MAX, name + text.length()));
  }

  @Test
  void aHistoryWithoutTimesHasATimelineOnly() {
    List<Event<UntypedCall>> events = new ArrayList<>();
    UntypedCall call = new UntypedCall(Edn.keyword("read"), Edn.of("<&\">"));
    events.add(new Event.Invoke<>(0, -1, new Process.Client(0), call, Details.NONE));
    Map<String, String> plots = HistoryPlots.draw(History.of(events));
    assertEquals(Set.of("timeline.html"), plots.keySet());
    JsonNode operations = PageData.of(plots.get("timeline.html"), "operations");
    assertTrue(operations.get("byIndex").asBoolean());
    assertEquals("\"<&\\\">\"", operations.get("ops").get(0).get(7).asText());
  }
}
