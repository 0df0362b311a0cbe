package phaistos.histories;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Values of JSON. A text that starts with a colon is a keyword, also as a key; {@code {"$edn":
 * "..."}} holds a value without a form in JSON, as EDN. Not thread-safe.
 */
final class JsonValues {
  static final String ESCAPE = "$edn";

  private final JsonParser in;
  private final String source;

  JsonValues(JsonParser in, String source) {
    this.in = in;
    this.source = source;
  }

  static JsonParser parser(Reader text) throws IOException {
    return JsonFactory.builder()
        .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
        .build()
        .createParser(text);
  }

  /** The value that begins with the current token. */
  Edn value() throws IOException {
    return switch (in.currentToken()) {
      case VALUE_NULL -> Edn.NIL;
      case VALUE_TRUE -> Edn.TRUE;
      case VALUE_FALSE -> Edn.FALSE;
      case VALUE_NUMBER_INT ->
          in.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? Edn.of(in.getBigIntegerValue())
              : Edn.of(in.getLongValue());
      case VALUE_NUMBER_FLOAT -> new Edn.Real(in.getDoubleValue());
      case VALUE_STRING -> text(in.getText());
      case START_ARRAY -> {
        List<Edn> items = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          items.add(value());
        }
        yield new Edn.Vector(items);
      }
      case START_OBJECT -> table();
      default ->
          throw new EdnException(
              source, in.currentLocation().getLineNr(), "unexpected " + in.currentToken());
    };
  }

  private Edn table() throws IOException {
    LinkedHashMap<Edn, Edn> entries = new LinkedHashMap<>();
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String name = in.currentName();
      in.nextToken();
      if (entries.put(text(name), value()) != null) {
        throw new EdnException(
            source, in.currentLocation().getLineNr(), "an object has the key " + name + " twice");
      }
    }
    if (entries.size() == 1 && entries.get(Edn.of(ESCAPE)) instanceof Edn.Text escaped) {
      return new EdnReader(new StringReader(escaped.value()), source)
          .next()
          .orElseThrow(
              () ->
                  new EdnException(
                      source, in.currentLocation().getLineNr(), ESCAPE + " holds no value"));
    }
    return new Edn.Table(entries);
  }

  static Edn text(String text) {
    boolean isKeyword = text.length() > 1 && text.charAt(0) == ':';
    return isKeyword ? Edn.keyword(text.substring(1)) : Edn.of(text);
  }
}
