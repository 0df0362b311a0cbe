package phaistos.junit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.HistoryReader;
import phaistos.histories.UntypedCall;

/** What the recording driver wrote, and the faults, as one history whose time begins at 0. */
final class RecordedHistory {
  private RecordedHistory() {}

  /** An empty history if nothing was recorded; the audit then says that it rests on nothing. */
  static History<UntypedCall> read(Path file, List<Event<UntypedCall>> faults) {
    List<Event<UntypedCall>> all = new ArrayList<>();
    if (Files.exists(file)) {
      try (HistoryReader reader = HistoryReader.open(file)) {
        all.addAll(reader.readEvents());
      }
    }
    // The clients' order is the file's; a fault is put where its time is.
    List<Event<UntypedCall>> merged = new ArrayList<>();
    List<Event<UntypedCall>> acts = new ArrayList<>(faults);
    acts.sort(Comparator.comparingLong(Event::timeNanos));
    int next = 0;
    for (Event<UntypedCall> event : all) {
      while (next < acts.size() && acts.get(next).timeNanos() <= event.timeNanos()) {
        merged.add(acts.get(next++));
      }
      merged.add(event);
    }
    merged.addAll(acts.subList(next, acts.size()));
    long start = merged.isEmpty() ? 0 : merged.getFirst().timeNanos();
    List<Event<UntypedCall>> numbered = new ArrayList<>();
    for (Event<UntypedCall> event : merged) {
      numbered.add(at(event, numbered.size(), event.timeNanos() - start));
    }
    return History.of(numbered);
  }

  private static Event<UntypedCall> at(Event<UntypedCall> event, long index, long nanos) {
    return switch (event) {
      case Event.Invoke<UntypedCall> e ->
          new Event.Invoke<>(index, nanos, e.process(), e.call(), e.details());
      case Event.Ok<UntypedCall> e ->
          new Event.Ok<>(index, nanos, e.process(), e.call(), e.details());
      case Event.Fail<UntypedCall> e ->
          new Event.Fail<>(index, nanos, e.process(), e.call(), e.details());
      case Event.Info<UntypedCall> e ->
          new Event.Info<>(index, nanos, e.process(), e.call(), e.details());
    };
  }
}
