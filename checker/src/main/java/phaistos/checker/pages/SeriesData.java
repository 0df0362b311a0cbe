package phaistos.checker.pages;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * The history over time, for charts: faults, the rate of completions and the latency by outcome.
 * Operations at the same place of the latency chart share one mark, so its size is bounded whatever
 * the length of the history.
 */
public final class SeriesData {
  /** Outcomes by their places in the data. */
  static final List<String> OUTCOMES = List.of("ok", "info", "fail", "rolled back");

  private static final int BUCKETS_MIN = 30;
  private static final int BUCKETS_MAX = 300;

  /** So many events for each bucket, so that a rate is no noise. */
  private static final int EVENTS_PER_BUCKET = 40;

  private static final int COLUMNS = 300;
  private static final int ROWS = 90;
  private static final double NANOS = 1e9;
  private static final double NANOS_PER_MILLI = 1e6;

  private final History<UntypedCall> history;
  private final Set<String> momentary;
  private final long endNanos;
  private final int buckets;

  /**
   * @param momentary functions of faults that are over when they are answered
   */
  public SeriesData(History<UntypedCall> history, Set<String> momentary) {
    this.history = history;
    this.momentary = momentary;
    long end = 0;
    for (Event<UntypedCall> event : history.events()) {
      end = Math.max(end, event.timeNanos());
    }
    endNanos = end;
    buckets = Math.clamp(history.size() / EVENTS_PER_BUCKET, BUCKETS_MIN, BUCKETS_MAX);
  }

  /** The time of the last event. */
  public long endNanos() {
    return endNanos;
  }

  static int outcome(Event<UntypedCall> completion) {
    return switch (completion) {
      case Event.Ok<UntypedCall> _ -> 0;
      case Event.Fail<UntypedCall> _ -> Brief.isIntended(completion) ? 3 : 2;
      case Event.Info<UntypedCall> _, Event.Invoke<UntypedCall> _ -> 1;
    };
  }

  /**
   * Writes the fields {@code end}, {@code outcomes}, {@code faults}, {@code rate}, {@code points}.
   */
  public void write(JsonGenerator json) throws IOException {
    json.writeNumberField("end", endNanos / NANOS);
    json.writeArrayFieldStart("outcomes");
    for (String outcome : OUTCOMES) {
      json.writeString(outcome);
    }
    json.writeEndArray();
    faults(json);
    int[][] rate = new int[OUTCOMES.size()][buckets];
    List<List<Long>> latencies = new ArrayList<>();
    for (int i = 0; i < buckets; i++) {
      latencies.add(new ArrayList<>());
    }
    Cells cells = new Cells(endNanos, highest());
    List<Event<UntypedCall>> events = history.events();
    for (int place = 0; place < events.size(); place++) {
      Event<UntypedCall> event = events.get(place);
      int partner = history.partnerPlace(place);
      if (event.isClient() && !event.isInvoke() && event.timeNanos() >= 0 && partner >= 0) {
        int outcome = outcome(event);
        long begun = events.get(partner).timeNanos();
        int bucket = bucket(event.timeNanos());
        rate[outcome][bucket]++;
        cells.add(outcome, begun, event.timeNanos() - begun);
        if (outcome == 0) {
          latencies.get(bucket).add(event.timeNanos() - begun);
        }
      }
    }
    rates(rate, latencies, json);
    cells.write(json);
  }

  private long highest() {
    long highest = 1;
    List<Event<UntypedCall>> events = history.events();
    for (int place = 0; place < events.size(); place++) {
      int partner = history.partnerPlace(place);
      if (partner >= 0) {
        highest =
            Math.max(
                highest, Math.abs(events.get(place).timeNanos() - events.get(partner).timeNanos()));
      }
    }
    return highest;
  }

  private int bucket(long nanos) {
    return Math.clamp(nanos * buckets / Math.max(1, endNanos), 0, buckets - 1);
  }

  private void faults(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("faults");
    for (FaultSpans.Timed fault : FaultSpans.timed(history.events(), momentary, endNanos)) {
      json.writeStartObject();
      json.writeStringField("kind", fault.span().kind());
      json.writeStringField("handle", fault.span().handle());
      json.writeNumberField("from", fault.fromNanos() / NANOS);
      json.writeNumberField("to", fault.toNanos() / NANOS);
      json.writeBooleanField("open", fault.span().to() < 0);
      json.writeStringField("what", FaultWords.clause(fault.span()));
      json.writeStringField("effect", FaultWords.effect(fault.span()));
      if (fault.span().isWithoutEffect()) {
        json.writeBooleanField("none", true);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void rates(int[][] rate, List<List<Long>> latencies, JsonGenerator json)
      throws IOException {
    double width = Math.max(endNanos, 1) / NANOS / buckets;
    json.writeObjectFieldStart("rate");
    json.writeNumberField("width", width);
    for (int outcome = 0; outcome < rate.length; outcome++) {
      json.writeArrayFieldStart(OUTCOMES.get(outcome));
      for (int count : rate[outcome]) {
        json.writeNumber(rounded(count / width));
      }
      json.writeEndArray();
    }
    quantile("median", 0.5, latencies, json);
    quantile("p99", 0.99, latencies, json);
    json.writeEndObject();
  }

  private static void quantile(
      String name, double share, List<List<Long>> buckets, JsonGenerator json) throws IOException {
    json.writeArrayFieldStart(name);
    for (List<Long> bucket : buckets) {
      if (bucket.isEmpty()) {
        json.writeNull();
      } else {
        bucket.sort(null);
        int place = (int) Math.min(bucket.size() - 1, (long) (bucket.size() * share));
        json.writeNumber(rounded(bucket.get(place) / NANOS_PER_MILLI));
      }
    }
    json.writeEndArray();
  }

  /** Four digits are enough for a chart. */
  static double rounded(double value) {
    if (value == 0) {
      return 0;
    }
    double unit = Math.pow(10, Math.floor(Math.log10(Math.abs(value))) - 3);
    return Math.round(value / unit) * unit;
  }

  /** Marks of the latency chart: time evenly, latency by its logarithm. */
  private static final class Cells {
    private final long endNanos;
    private final double perRow;
    private final int[][] counts = new int[OUTCOMES.size()][(COLUMNS + 1) * (ROWS + 1)];

    /** Latencies under a microsecond share the lowest row. */
    Cells(long endNanos, long highest) {
      this.endNanos = Math.max(1, endNanos);
      this.perRow = Math.max(1e-9, Math.log(Math.max(2_000, highest) / 1e3) / ROWS);
    }

    void add(int outcome, long begun, long latency) {
      int column = Math.clamp(begun * COLUMNS / endNanos, 0, COLUMNS);
      int row = Math.clamp(Math.round(Math.log(Math.max(1e3, latency) / 1e3) / perRow), 0, ROWS);
      counts[outcome][column * (ROWS + 1) + row]++;
    }

    void write(JsonGenerator json) throws IOException {
      json.writeArrayFieldStart("points");
      for (int cell = 0; cell < counts[0].length; cell++) {
        for (int outcome = 0; outcome < counts.length; outcome++) {
          if (counts[outcome][cell] > 0) {
            json.writeStartArray();
            json.writeNumber(rounded((double) (cell / (ROWS + 1)) * endNanos / NANOS / COLUMNS));
            json.writeNumber(rounded(Math.exp(cell % (ROWS + 1) * perRow) * 1e3 / NANOS_PER_MILLI));
            json.writeNumber(outcome);
            json.writeNumber(counts[outcome][cell]);
            json.writeEndArray();
          }
        }
      }
      json.writeEndArray();
    }
  }
}
