package phaistos.histories;

import java.io.IOException;
import java.io.Reader;
import java.util.List;
import java.util.Map;

/**
 * Events of EDN: maps in one vector or list, or one after the other. In a vector or list an event
 * may also be {@code [process type f value]}, as Knossos' tests write it.
 */
final class EdnEvents implements HistoryReader.EventSource {
  private static final int END = -1;
  private static final List<Edn> ROW =
      List.of(Edn.keyword("process"), Edn.keyword("type"), Edn.keyword("f"), Edn.keyword("value"));

  private final EdnReader in;
  private final EventFields fields = new EventFields();
  private boolean isStarted;
  private char close;
  private long opened;

  EdnEvents(Reader text, String source) {
    this.in = new EdnReader(text, source);
  }

  @Override
  public long line() {
    return in.line();
  }

  @Override
  public List<String> remarks() {
    return fields.remarks();
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
      if (close == 0 && in.line() == line && (e.atEnd() || in.isAtEnd())) {
        throw new HistoryReader.TornException(line, e);
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
      if (value instanceof Edn.Table table) {
        for (Map.Entry<Edn, Edn> entry : table.entries().entrySet()) {
          fields.put(entry.getKey(), entry.getValue());
        }
      } else if (close != 0 && value instanceof Edn.Vector row && isRow(row.items())) {
        for (int i = 0; i < row.items().size(); i++) {
          fields.put(ROW.get(i), row.items().get(i));
        }
      } else {
        throw in.error("an event is a map, but here is " + shorten(EdnWriter.print(value)));
      }
    }
    return fields.build(indexIfNone);
  }

  private static boolean isRow(List<Edn> items) {
    return (items.size() == 3 || items.size() == 4) && items.get(1) instanceof Edn.Keyword;
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
      if (c == '{') {
        throw in.error("a map in the place of a key: the { of line " + start + " has no }");
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
