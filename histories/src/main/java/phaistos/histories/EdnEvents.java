package phaistos.histories;

import java.io.IOException;
import java.io.Reader;
import java.util.Map;
import java.util.Optional;

/** Events of EDN: maps in one vector or list, or one after the other. */
final class EdnEvents implements HistoryReader.EventSource {
  private static final int END = -1;

  private final EdnReader in;
  private final EventFields fields = new EventFields();
  private boolean isStarted;
  private char close;
  private long opened;
  private Optional<String> note = Optional.empty();

  EdnEvents(Reader text, String source) {
    this.in = new EdnReader(text, source);
  }

  @Override
  public long line() {
    return in.line();
  }

  @Override
  public Optional<String> note() {
    return note;
  }

  @Override
  public Event<UntypedCall> next(long indexIfNone) throws IOException {
    int c = in.skipBlank();
    if (!isStarted) {
      isStarted = true;
      if (c == '[' || c == '(') {
        close = c == '[' ? ']' : ')';
        opened = in.line();
        in.take();
        c = in.skipBlank();
      }
    }
    if (c == END) {
      if (close != 0) {
        throw in.endError("the text ends before the " + close + " of line " + opened);
      }
      return null;
    }
    if (close != 0 && c == close) {
      in.take();
      if (in.skipBlank() != END) {
        throw in.error("text after the end of the history");
      }
      close = 0;
      return null;
    }
    long line = in.line();
    try {
      return event(c, indexIfNone);
    } catch (EdnException e) {
      if (close == 0 && (e.atEnd() || in.isAtEnd())) {
        note = Optional.of("the last event, of line " + line + ", is torn and left out");
        return null;
      }
      throw e;
    }
  }

  private Event<UntypedCall> event(int c, long indexIfNone) throws IOException {
    fields.clear();
    if (c == '{') {
      readFields();
    } else {
      Edn value = in.value();
      while (value instanceof Edn.Tagged tagged) {
        value = tagged.value();
      }
      if (!(value instanceof Edn.Table table)) {
        throw in.error("an event is a map, but here is " + shorten(EdnWriter.print(value)));
      }
      for (Map.Entry<Edn, Edn> entry : table.entries().entrySet()) {
        fields.put(entry.getKey(), entry.getValue());
      }
    }
    return fields.build(indexIfNone);
  }

  private void readFields() throws IOException {
    long start = in.line();
    in.take();
    while (true) {
      int c = in.skipBlank();
      if (c == '}') {
        in.take();
        return;
      }
      if (c == END) {
        throw in.endError("the text ends before the } of line " + start);
      }
      Edn key = in.value();
      if (in.skipBlank() == '}') {
        throw in.error("a map has a key without a value");
      }
      fields.put(key, in.value());
    }
  }

  private static String shorten(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }
}
