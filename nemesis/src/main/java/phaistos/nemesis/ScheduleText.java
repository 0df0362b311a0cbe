package phaistos.nemesis;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.histories.Edn;
import phaistos.histories.EdnReader;
import phaistos.histories.EdnWriter;

/**
 * The form of a schedule in a file:
 *
 * <pre>
 * [{:at 2000000000, :f :partition, :handle "a", :value {:shape :one-link, :node "n2"}}
 *  {:when {:operations 500}, :f :pause, :handle "b", :value {:target ["n3"]}}
 *  {:at 4100000000, :f :heal, :handle "a"}]
 * </pre>
 *
 * A fault without a handle is given one. An end without a handle ends every earlier fault in the
 * file that its function can end and that has no end yet; {@code :restart} then also ends crashes.
 * Schedules written before handles existed have this form.
 */
final class ScheduleText {
  private ScheduleText() {}

  static String print(Schedule schedule) {
    StringBuilder text = new StringBuilder("[");
    for (Schedule.Entry entry : schedule.entries()) {
      EdnTable line = new EdnTable();
      entry.trigger().writeTo(line);
      switch (entry.act()) {
        case Schedule.Begin(Handle handle, Fault fault) ->
            line.put("f", Edn.keyword(fault.kind().name()))
                .put("handle", handle.name())
                .put("value", fault.value());
        case Schedule.End(Handle handle, String function) ->
            line.put("f", Edn.keyword(function)).put("handle", handle.name());
      }
      text.append(text.length() == 1 ? "" : "\n ").append(EdnWriter.print(line.build()));
    }
    return text.append("]\n").toString();
  }

  static Schedule parse(String text, String source) {
    Parsing parsing = new Parsing();
    int number = 0;
    for (Item item : items(text, source)) {
      number++;
      try {
        parsing.add(item.value);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "%s: line %d: entry %d: %s".formatted(source, item.line, number, e.getMessage()), e);
      }
    }
    try {
      return new Schedule(parsing.entries);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(source + ": " + e.getMessage(), e);
    }
  }

  private record Item(long line, Edn value) {}

  /** The vector's items with their lines. */
  private static List<Item> items(String text, String source) {
    try {
      Edn whole =
          new EdnReader(new StringReader(text), source)
              .next()
              .orElseThrow(() -> new IllegalArgumentException("the file is empty"));
      if (!(whole instanceof Edn.Vector)) {
        throw new IllegalArgumentException("expected a vector of entries");
      }
      EdnReader reader = new EdnReader(new StringReader(opened(text)), source);
      List<Item> items = new ArrayList<>();
      while (reader.skipBlank() != ']') {
        items.add(new Item(reader.line(), reader.next().orElseThrow()));
      }
      return items;
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException(source + ": no schedule: " + e.getMessage(), e);
    }
  }

  /** The text of one vector with its first bracket replaced by a blank. */
  private static String opened(String text) {
    boolean comment = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      comment = c == ';' || (comment && c != '\n');
      if (c == '[' && !comment) {
        return text.substring(0, i) + " " + text.substring(i + 1);
      }
    }
    throw new IllegalArgumentException("expected a vector of entries");
  }

  private static final class Parsing {
    private final List<Schedule.Entry> entries = new ArrayList<>();
    private final Map<Handle, FaultKind> open = new LinkedHashMap<>();
    private final Set<Handle> known = new HashSet<>();

    void add(Edn item) {
      if (!(item instanceof Edn.Table table)) {
        throw new IllegalArgumentException("expected a table {:at ..., :f ..., :value ...}");
      }
      EdnValues.requireKeys(table, "at", "when", "f", "handle", "value");
      Trigger trigger = Trigger.read(table);
      if (!(table.get("f") instanceof Edn.Keyword(String function))) {
        throw new IllegalArgumentException("expected a keyword under :f");
      }
      Optional<Handle> handle = EdnValues.optionalText(table, "handle").map(Handle::new);
      Optional<FaultKind> kind = Faults.find(function);
      if (kind.isPresent()) {
        begin(trigger, handle.orElseGet(this::fresh), kind.get(), table.get("value"));
      } else if (Faults.isEnd(function)) {
        end(trigger, function, handle);
      } else {
        throw new IllegalArgumentException(
            "no fault: " + function + " (there are " + Faults.names() + ")");
      }
    }

    private Handle fresh() {
      int n = entries.size() + 1;
      while (known.contains(new Handle("f" + n))) {
        n++;
      }
      return new Handle("f" + n);
    }

    private void begin(Trigger trigger, Handle handle, FaultKind kind, Edn value) {
      Edn.Table table =
          switch (value) {
            case Edn.Table given -> given;
            case Edn.Nil _ -> Edn.Table.EMPTY;
            default -> throw new IllegalArgumentException(":value must be a table");
          };
      Fault fault = kind.read(table);
      requireUnderstood(table, fault);
      entries.add(new Schedule.Entry(trigger, new Schedule.Begin(handle, fault)));
      open.put(handle, kind);
      known.add(handle);
    }

    /** Refuses keys that the fault does not write back, since it does not know them. */
    private static void requireUnderstood(Edn.Table table, Fault fault) {
      EdnValues.requireKeys(
          table,
          fault.value().entries().keySet().stream()
              .map(key -> ((Edn.Keyword) key).name())
              .toArray(String[]::new));
    }

    private void end(Trigger trigger, String function, Optional<Handle> handle) {
      List<Handle> ended = new ArrayList<>();
      if (handle.isPresent()) {
        ended.add(handle.get());
        entries.add(new Schedule.Entry(trigger, new Schedule.End(handle.get(), function)));
      } else {
        open.forEach(
            (each, kind) -> {
              boolean crashBefore = function.equals("restart") && kind == PowerFaults.CRASH;
              if (crashBefore || kind.end().equals(Optional.of(function))) {
                ended.add(each);
                String own = kind.end().orElseThrow();
                entries.add(new Schedule.Entry(trigger, new Schedule.End(each, own)));
              }
            });
      }
      ended.forEach(open::remove);
    }
  }
}
