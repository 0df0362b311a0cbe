package phaistos.harness.campaign;

import java.util.Locale;
import java.util.Optional;
import phaistos.histories.Edn;

/** The fields of a line of the journal. A field that is missing is an IllegalArgumentException. */
final class Fields {
  private Fields() {}

  static String text(Edn value) {
    if (value instanceof Edn.Text(String text)) {
      return text;
    }
    throw new IllegalArgumentException("no text: " + value);
  }

  static String text(Edn.Table table, String key) {
    return optionalText(table, key)
        .orElseThrow(() -> new IllegalArgumentException("no text at :" + key));
  }

  static Optional<String> optionalText(Edn.Table table, String key) {
    return table.get(key) instanceof Edn.Text(String text) ? Optional.of(text) : Optional.empty();
  }

  static long number(Edn.Table table, String key) {
    if (table.get(key) instanceof Edn.Int(long value)) {
      return value;
    }
    throw new IllegalArgumentException("no number at :" + key);
  }

  static <E extends Enum<E>> E word(Edn.Table table, String key, Class<E> type) {
    if (table.get(key) instanceof Edn.Keyword(String name)) {
      return Enum.valueOf(type, name.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
    throw new IllegalArgumentException("no keyword at :" + key);
  }
}
