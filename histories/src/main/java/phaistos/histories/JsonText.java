package phaistos.histories;

import java.util.List;
import java.util.Map;

/** Prints {@link Edn} as JSON from which {@link HistoryReader} reads an equal value. */
public final class JsonText {
  private JsonText() {}

  public static String print(Edn value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  public static void write(Edn value, StringBuilder out) {
    switch (value) {
      case Edn.Nil _ -> out.append("null");
      case Edn.Bool bool -> out.append(bool.value());
      case Edn.Int integer -> out.append(integer.value());
      case Edn.Real real when Double.isFinite(real.value()) -> out.append(real.value());
      case Edn.Text text when !text.value().startsWith(":") -> writeText(text.value(), out);
      case Edn.Keyword keyword -> writeText(":" + keyword.name(), out);
      case Edn.Vector vector -> writeArray(vector.items(), out);
      case Edn.Table table when hasPlainKeys(table) -> writeObject(table, out);
      case Edn.BigInt big -> out.append(big.value());
      case Edn.Ratio _,
          Edn.Decimal _,
          Edn.Opaque _,
          Edn.Real _,
          Edn.Text _,
          Edn.Table _,
          Edn.Char _,
          Edn.Symbol _,
          Edn.Sequence _,
          Edn.Group _,
          Edn.Tagged _ -> {
        out.append("{\"").append(JsonValues.ESCAPE).append("\":");
        writeText(EdnWriter.print(value), out);
        out.append('}');
      }
    }
  }

  private static boolean hasPlainKeys(Edn.Table table) {
    for (Edn key : table.entries().keySet()) {
      boolean isPlain =
          key instanceof Edn.Keyword
              || key instanceof Edn.Text text
                  && !text.value().startsWith(":")
                  && !text.value().equals(JsonValues.ESCAPE);
      if (!isPlain) {
        return false;
      }
    }
    return true;
  }

  private static void writeArray(List<Edn> items, StringBuilder out) {
    out.append('[');
    String separator = "";
    for (Edn item : items) {
      out.append(separator);
      write(item, out);
      separator = ",";
    }
    out.append(']');
  }

  private static void writeObject(Edn.Table table, StringBuilder out) {
    out.append('{');
    String separator = "";
    for (Map.Entry<Edn, Edn> entry : table.entries().entrySet()) {
      out.append(separator);
      write(entry.getKey(), out);
      out.append(':');
      write(entry.getValue(), out);
      separator = ",";
    }
    out.append('}');
  }

  /** In quotes, with JSON's escapes. */
  public static void writeText(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ' || Character.isSurrogate(c)) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
