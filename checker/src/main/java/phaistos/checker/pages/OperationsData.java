package phaistos.checker.pages;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/**
 * The operations of a history for the timeline: a lane for each thread of the clients. A process
 * that replaced a crashed one shares its lane. Of a long history the ten thousand operations around
 * the marked ones are kept, and the data says so. A history without times goes by indices.
 */
public final class OperationsData {
  private static final int OPERATIONS_MAX = 10_000;
  private static final int TEXT_MAX = 90;

  private final History<UntypedCall> history;
  private final Set<Long> marked;
  private final boolean byIndex;

  /**
   * @param marked indices of events whose operations are to be seen first: losses
   */
  public OperationsData(History<UntypedCall> history, Set<Long> marked) {
    this.history = history;
    this.marked = marked;
    this.byIndex = history.events().stream().noneMatch(event -> event.timeNanos() >= 0);
  }

  /** Writes one object. */
  public void write(JsonGenerator json) throws IOException {
    List<Event<UntypedCall>> events = history.events();
    List<Integer> begun = new ArrayList<>();
    for (int place = 0; place < events.size(); place++) {
      if (events.get(place).isClient() && events.get(place).isInvoke()) {
        begun.add(place);
      }
    }
    List<Integer> shown = around(begun);
    List<List<Process>> lanes = lanes(events);
    Map<Process, Integer> laneOf = new HashMap<>();
    for (int lane = 0; lane < lanes.size(); lane++) {
      for (Process process : lanes.get(lane)) {
        laneOf.put(process, lane);
      }
    }
    json.writeStartObject();
    json.writeBooleanField("byIndex", byIndex);
    json.writeNumberField("all", begun.size());
    json.writeArrayFieldStart("lanes");
    for (List<Process> lane : lanes) {
      json.writeString(String.join(", ", lane.stream().map(OperationsData::name).toList()));
    }
    json.writeEndArray();
    Map<String, Integer> functions = new LinkedHashMap<>();
    json.writeArrayFieldStart("ops");
    for (int place : shown) {
      operation(place, laneOf.get(events.get(place).process()), functions, json);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("functions");
    for (String f : functions.keySet()) {
      json.writeString(f);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** The operations to show: all of them, or those around the first marked one. */
  private List<Integer> around(List<Integer> begun) {
    if (begun.size() <= OPERATIONS_MAX) {
      return begun;
    }
    int first = 0;
    for (int i = 0; i < begun.size() && !marked.isEmpty(); i++) {
      if (isMarked(begun.get(i))) {
        first = i - OPERATIONS_MAX / 2;
        break;
      }
    }
    int from = Math.clamp(first, 0, begun.size() - OPERATIONS_MAX);
    return begun.subList(from, from + OPERATIONS_MAX);
  }

  private boolean isMarked(int place) {
    int partner = history.partnerPlace(place);
    return marked.contains(history.events().get(place).index())
        || partner >= 0 && marked.contains(history.events().get(partner).index());
  }

  private void operation(int place, int lane, Map<String, Integer> functions, JsonGenerator json)
      throws IOException {
    Event<UntypedCall> begun = history.events().get(place);
    Event<UntypedCall> done = history.completionOf(place).orElse(begun);
    json.writeStartArray();
    json.writeNumber(lane);
    json.writeNumber(at(begun));
    json.writeNumber(done == begun ? -1 : at(done) - at(begun));
    json.writeNumber(done == begun ? -1 : SeriesData.outcome(done));
    json.writeNumber(functions.computeIfAbsent(begun.call().name(), _ -> functions.size()));
    json.writeNumber(begun.index());
    json.writeNumber(done.index());
    json.writeString(Brief.text(done.call().value(), TEXT_MAX));
    json.writeString(Brief.details(done));
    json.writeNumber(isMarked(place) ? 1 : 0);
    json.writeEndArray();
  }

  /** Microseconds since the start, or the index. */
  private long at(Event<UntypedCall> event) {
    return byIndex ? event.index() : Math.max(0, event.timeNanos()) / 1_000;
  }

  private static String name(Process process) {
    return process instanceof Process.Client client ? EdnWriter.print(client.value()) : "nemesis";
  }

  private static long id(Process process) {
    return process instanceof Process.Client(long id, _) ? id : -1;
  }

  /** The processes of each lane: after a crash another process takes the lane over. */
  private static List<List<Process>> lanes(List<Event<UntypedCall>> events) {
    Map<Process, Integer> last = new HashMap<>();
    for (int place = 0; place < events.size(); place++) {
      last.put(events.get(place).process(), place);
    }
    List<List<Process>> lanes = new ArrayList<>();
    Map<Process, List<Process>> laneOf = new HashMap<>();
    Deque<List<Process>> free = new ArrayDeque<>();
    for (int place = 0; place < events.size(); place++) {
      Event<UntypedCall> event = events.get(place);
      Process process = event.process();
      if (!event.isClient()) {
        continue;
      }
      if (!laneOf.containsKey(process)) {
        List<Process> lane = free.isEmpty() ? new ArrayList<>() : free.removeFirst();
        if (lane.isEmpty()) {
          lanes.add(lane);
        }
        lane.add(process);
        laneOf.put(process, lane);
      }
      if (event instanceof Event.Info && last.get(process) == place) {
        free.addLast(laneOf.get(process));
      }
    }
    lanes.sort(Comparator.comparingLong(lane -> id(lane.getFirst())));
    return lanes;
  }
}
