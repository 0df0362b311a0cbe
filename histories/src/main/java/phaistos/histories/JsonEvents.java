package phaistos.histories;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.IOException;
import java.io.Reader;
import java.util.List;

/**
 * Events of JSON objects, one a line or in one array. A text that starts with a colon is a keyword,
 * also as a key; {@code {"$edn": "..."}} holds a value without a form in JSON, as EDN. The names of
 * functions are keywords.
 */
final class JsonEvents implements HistoryReader.EventSource {
  static final String UNKNOWN = "$unknown";

  private final JsonParser in;
  private final String source;
  private final JsonValues values;
  private final EventFields fields = new EventFields();
  private boolean isArray;

  JsonEvents(Reader text, String source) throws IOException {
    this.in = JsonValues.parser(text);
    this.values = new JsonValues(in, source);
    this.source = source;
  }

  @Override
  public long line() {
    return in.currentLocation().getLineNr();
  }

  @Override
  public List<String> remarks() {
    return fields.remarks();
  }

  @Override
  public Event<UntypedCall> next(long indexIfNone) throws IOException {
    long start = line();
    try {
      JsonToken token = in.nextToken();
      if (token == JsonToken.START_ARRAY && !isArray) {
        isArray = true;
        token = in.nextToken();
      }
      if (token == null && isArray) {
        throw new EdnException(source, line(), "the text ends before the ] of the history");
      }
      if (token == null || token == JsonToken.END_ARRAY && isArray) {
        return null;
      }
      start = in.currentTokenLocation().getLineNr();
      if (token != JsonToken.START_OBJECT) {
        throw new EdnException(source, line(), "an event is an object, but here is " + token);
      }
      fields.clear();
      readFields();
      return fields.build(indexIfNone);
    } catch (JsonEOFException e) {
      EdnException reason = new EdnException(source, start, "the text ends within an event");
      throw isArray ? reason : new HistoryReader.TornException(start, reason);
    } catch (JsonParseException e) {
      if (!isArray && isCutWord()) {
        throw new HistoryReader.TornException(start, broken(e));
      }
      throw broken(e);
    } catch (StreamReadException e) {
      throw broken(e);
    }
  }

  /**
   * Whether the file was cut within true, false or null, for which Jackson gives no end-of-input
   * error.
   */
  private boolean isCutWord() throws IOException {
    java.io.StringWriter rest = new java.io.StringWriter();
    in.releaseBuffered(rest);
    return rest.toString().isEmpty()
        && (!(in.getInputSource() instanceof Reader reader) || reader.read() < 0);
  }

  private EdnException broken(StreamReadException e) {
    return new EdnException(source, e.getLocation().getLineNr(), e.getOriginalMessage());
  }

  private void readFields() throws IOException {
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String name = in.currentName();
      in.nextToken();
      Edn value = values.value();
      if (name.equals(UNKNOWN) && value instanceof Edn.Table table) {
        table.entries().forEach(fields::put);
      } else if (name.equals("f") && value instanceof Edn.Text text) {
        fields.put(Edn.keyword("f"), Edn.keyword(text.value()));
      } else {
        fields.put(Edn.keyword(name), value);
      }
    }
  }
}
