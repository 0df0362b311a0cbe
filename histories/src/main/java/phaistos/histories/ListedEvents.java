package phaistos.histories;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/** Events of a form that must be read as a whole before the first of them is known. */
final class ListedEvents implements HistoryReader.EventSource {
  private record Listed(LongFunction<Event<UntypedCall>> event, long line) {}

  private final List<Listed> all = new ArrayList<>();
  private int next;

  /** {@code event} makes the event of an index. */
  void add(LongFunction<Event<UntypedCall>> event, long line) {
    all.add(new Listed(event, line));
  }

  @Override
  public Event<UntypedCall> next(long indexIfNone) {
    return next == all.size() ? null : all.get(next++).event.apply(indexIfNone);
  }

  @Override
  public long line() {
    return next == 0 ? 1 : all.get(next - 1).line;
  }
}
