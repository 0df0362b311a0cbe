package phaistos.checker.plots;

import java.util.Set;
import phaistos.checker.pages.OperationsData;
import phaistos.checker.pages.Page;
import phaistos.checker.pages.SeriesData;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * A page about a history alone: rate and latency over time with the faults as bands, and a lane for
 * each thread with its operations.
 */
public final class Timeline {
  private Timeline() {}

  /** A self-contained page. */
  public static String draw(History<UntypedCall> history) {
    SeriesData series = new SeriesData(history, Set.of());
    Page page =
        new Page("Timeline")
            .element("h1", "", "Timeline")
            .data("operations", new OperationsData(history, Set.of())::write);
    if (series.endNanos() > 0) {
      page.html(CHARTS)
          .script(Page.Script.CHARTS)
          .data(
              "series",
              json -> {
                json.writeStartObject();
                series.write(json);
                json.writeEndObject();
              });
    }
    return page.html(OPERATIONS).script(Page.Script.OPERATIONS).build();
  }

  private static final String CHARTS = "<section id=\"charts\"></section>";

  private static final String OPERATIONS = "<section id=\"operations\"></section>";
}
