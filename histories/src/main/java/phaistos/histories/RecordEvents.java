package phaistos.histories;

import java.util.List;
import java.util.Map;

/** Events of maps that are already in memory; the "line" of an event is its number, from 1. */
final class RecordEvents implements HistoryReader.EventSource {
  private final List<Edn> operations;
  private final String source;
  private final EventFields fields = new EventFields();
  private int next;

  RecordEvents(List<Edn> operations, String source) {
    this.operations = operations;
    this.source = source;
  }

  @Override
  public long line() {
    return Math.max(next, 1);
  }

  @Override
  public List<String> remarks() {
    return fields.remarks();
  }

  @Override
  public Event<UntypedCall> next(long indexIfNone) {
    if (next == operations.size()) {
      return null;
    }
    Edn value = operations.get(next++);
    while (value instanceof Edn.Tagged tagged) {
      value = tagged.value();
    }
    if (!(value instanceof Edn.Table table)) {
      throw new EdnException(
          source, next, "an event is a map, but here is " + EdnWriter.print(value));
    }
    fields.clear();
    for (Map.Entry<Edn, Edn> entry : table.entries().entrySet()) {
      fields.put(entry.getKey(), entry.getValue());
    }
    return fields.build(indexIfNone);
  }
}
