package phaistos.harness;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import phaistos.checker.pages.FaultSpans;
import phaistos.checker.pages.FaultWords;
import phaistos.checker.pages.SeriesData;
import phaistos.formats.Lsn;
import phaistos.harness.run.NodePosition;
import phaistos.harness.run.Recording;
import phaistos.harness.run.ReplicationMessage;

/** The data of a run's page: what happened over time, and on which node. */
final class RunPageData {
  private static final double NANOS = 1e9;
  private static final int LOG_LINES_MAX = 20_000;

  private final Recording recording;
  private final SeriesData series;
  private final RunLosses losses;

  RunPageData(Recording recording, SeriesData series, RunLosses losses) {
    this.recording = recording;
    this.series = series;
    this.losses = losses;
  }

  /** The history's series, the nodes' positions and the losses. */
  void series(JsonGenerator json) throws IOException {
    json.writeStartObject();
    series.write(json);
    positions(json);
    json.writeArrayFieldStart("losses");
    for (long nanos : losses.lostNanos()) {
      if (nanos >= 0) {
        json.writeNumber(nanos / NANOS);
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** A row for each moment at which a node was asked; the other nodes keep their last answer. */
  private void positions(JsonGenerator json) throws IOException {
    Map<Long, Map<String, NodePosition>> rounds = new TreeMap<>();
    long interval = interval();
    List<String> nodes = new ArrayList<>();
    for (NodePosition position : recording.positions()) {
      rounds
          .computeIfAbsent(position.timeNanos() / interval, _ -> new LinkedHashMap<>())
          .put(position.node(), position);
      if (!nodes.contains(position.node())) {
        nodes.add(position.node());
      }
    }
    if (rounds.isEmpty()) {
      return;
    }
    nodes.sort(Comparator.naturalOrder());
    json.writeObjectFieldStart("positions");
    json.writeArrayFieldStart("t");
    for (long round : rounds.keySet()) {
      json.writeNumber(Math.round(round * interval / 1e6) / 1e3);
    }
    json.writeEndArray();
    json.writeObjectFieldStart("nodes");
    for (String node : nodes) {
      json.writeArrayFieldStart(node);
      for (Map<String, NodePosition> round : rounds.values()) {
        number(written(round.get(node)), json);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
    json.writeObjectFieldStart("lag");
    for (String node : nodes) {
      json.writeArrayFieldStart(node);
      for (Map<String, NodePosition> round : rounds.values()) {
        number(lag(round, node), json);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  /** The shortest time between two answers of one node that is usual. */
  private long interval() {
    Map<String, Long> last = new LinkedHashMap<>();
    List<Long> gaps = new ArrayList<>();
    for (NodePosition position : recording.positions()) {
      Long before = last.put(position.node(), position.timeNanos());
      if (before != null) {
        gaps.add(position.timeNanos() - before);
      }
    }
    gaps.sort(null);
    return gaps.isEmpty() ? 1_000_000_000L : Math.max(1_000_000L, gaps.get(gaps.size() / 2));
  }

  private static OptionalLong written(NodePosition position) {
    return position == null ? OptionalLong.empty() : position.written();
  }

  private static OptionalLong lag(Map<String, NodePosition> round, String node) {
    OptionalLong own = written(round.get(node));
    OptionalLong most = OptionalLong.empty();
    for (NodePosition each : round.values()) {
      if (each.isPrimary() && each.written().isPresent()) {
        most = each.written();
      }
    }
    boolean isStandby = own.isPresent() && !round.get(node).isPrimary();
    return isStandby && most.isPresent()
        ? OptionalLong.of(Math.max(0, most.getAsLong() - own.getAsLong()))
        : OptionalLong.empty();
  }

  private static void number(OptionalLong value, JsonGenerator json) throws IOException {
    if (value.isPresent()) {
      json.writeNumber(value.getAsLong());
    } else {
      json.writeNull();
    }
  }

  private record Entry(long nanos, String who, String kind, String text) {}

  /** What nodes logged, faults, positions and messages of replication, in the run's time. */
  void events(JsonGenerator json) throws IOException {
    List<Entry> entries = new ArrayList<>();
    faults(entries);
    logs(entries);
    positionEntries(entries);
    for (ReplicationMessage each : losses.around(recording.messages())) {
      entries.add(new Entry(each.timeNanos(), each.node(), "message", each.text()));
    }
    entries.sort(Comparator.comparingLong(Entry::nanos));
    json.writeStartObject();
    if (losses.firstNanos().isPresent()) {
      json.writeNumberField("first", losses.firstNanos().get() / 1_000);
      json.writeNumberField("firstEvent", losses.events().iterator().next());
    }
    json.writeArrayFieldStart("nodes");
    for (String node : recording.logs().keySet()) {
      json.writeString(node);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("entries");
    for (Entry entry : entries) {
      json.writeStartArray();
      json.writeNumber(entry.nanos / 1_000);
      json.writeString(entry.who);
      json.writeString(entry.kind);
      json.writeString(entry.text);
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void faults(List<Entry> entries) {
    for (FaultSpans.Timed fault :
        FaultSpans.timed(recording.events(), RunTimes.MOMENTARY, series.endNanos())) {
      String clause = FaultWords.clause(fault.span());
      entries.add(new Entry(fault.fromNanos(), "faults", "fault", clause));
      if (fault.span().to() >= 0) {
        String effect = FaultWords.effect(fault.span());
        String text = fault.span().kind() + " ended: " + effect;
        entries.add(new Entry(fault.toNanos(), "faults", "end", text));
      }
    }
  }

  private void logs(List<Entry> entries) {
    RunTimes times = new RunTimes(recording.loadBegan());
    recording
        .logs()
        .forEach(
            (node, lines) -> {
              long last = Long.MIN_VALUE;
              int from = Math.max(0, lines.size() - LOG_LINES_MAX);
              for (String text : lines.subList(from, lines.size())) {
                RunTimes.Line line = times.line(text);
                last = line.nanos().orElse(last);
                if (last != Long.MIN_VALUE && !line.text().isBlank()) {
                  entries.add(new Entry(last, node, kind(line.text()), line.text()));
                }
              }
            });
  }

  /** Lines that change what a node is stand out. */
  private static String kind(String text) {
    boolean isTurn =
        text.contains("starting PostgreSQL")
            || text.contains("selected new timeline")
            || text.contains("received promote request")
            || text.contains("ready to accept")
            || text.startsWith("FATAL")
            || text.startsWith("PANIC");
    return isTurn ? "turn" : "log";
  }

  private void positionEntries(List<Entry> entries) {
    for (NodePosition each : recording.positions()) {
      String text =
          each.written().isEmpty()
              ? "no answer"
              : (each.isPrimary() ? "primary, inserted " : "standby, received ")
                  + new Lsn(each.written().getAsLong())
                  + (each.isPrimary() ? ", flushed " : ", replayed ")
                  + (each.safe().isPresent() ? new Lsn(each.safe().getAsLong()) : "nothing");
      entries.add(new Entry(each.timeNanos(), each.node(), "position", text));
    }
  }
}
