package phaistos.histories;

import java.util.Collection;
import java.util.Map;

/** Prints {@link Edn} on one line, as Clojure's {@code pr} does. */
public final class EdnWriter {
  private EdnWriter() {}

  public static String print(Edn value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  public static void write(Edn value, StringBuilder out) {
    switch (value) {
      case Edn.Nil _ -> out.append("nil");
      case Edn.Bool bool -> out.append(bool.value());
      case Edn.Int integer -> out.append(integer.value());
      case Edn.BigInt big -> out.append(big.value()).append('N');
      case Edn.Ratio ratio -> out.append(ratio.numerator()).append('/').append(ratio.denominator());
      case Edn.Decimal decimal -> out.append(decimal.value()).append('M');
      case Edn.Real real -> writeReal(real.value(), out);
      case Edn.Opaque opaque -> out.append(opaque.text());
      case Edn.Text text -> writeText(text.value(), out);
      case Edn.Char character -> writeChar(character.codePoint(), out);
      case Edn.Keyword keyword -> out.append(':').append(keyword.name());
      case Edn.Symbol symbol -> out.append(symbol.name());
      case Edn.Vector vector -> writeAll('[', vector.items(), ']', out);
      case Edn.Sequence sequence -> writeAll('(', sequence.items(), ')', out);
      case Edn.Group group -> {
        out.append('#');
        writeAll('{', group.items(), '}', out);
      }
      case Edn.Table table -> writeTable(table, out);
      case Edn.Tagged tagged -> {
        out.append('#').append(tagged.tag()).append(' ');
        write(tagged.value(), out);
      }
    }
  }

  private static void writeAll(char open, Collection<Edn> items, char close, StringBuilder out) {
    out.append(open);
    String separator = "";
    for (Edn item : items) {
      out.append(separator);
      write(item, out);
      separator = " ";
    }
    out.append(close);
  }

  private static void writeTable(Edn.Table table, StringBuilder out) {
    out.append('{');
    String separator = "";
    for (Map.Entry<Edn, Edn> entry : table.entries().entrySet()) {
      out.append(separator);
      write(entry.getKey(), out);
      out.append(' ');
      write(entry.getValue(), out);
      separator = ", ";
    }
    out.append('}');
  }

  private static void writeReal(double value, StringBuilder out) {
    if (Double.isNaN(value)) {
      out.append("##NaN");
    } else if (Double.isInfinite(value)) {
      out.append(value > 0 ? "##Inf" : "##-Inf");
    } else {
      out.append(value);
    }
  }

  /** Writes a text in quotes; what stands between characters that are escaped goes at once. */
  static void writeText(String text, StringBuilder out) {
    out.append('"');
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      String escaped =
          switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> "";
          };
      if (!escaped.isEmpty()) {
        out.append(text, from, i).append(escaped);
        from = i + 1;
      }
    }
    out.append(text, from, text.length()).append('"');
  }

  private static void writeChar(int codePoint, StringBuilder out) {
    switch (codePoint) {
      case '\n' -> out.append("\\newline");
      case '\r' -> out.append("\\return");
      case ' ' -> out.append("\\space");
      case '\t' -> out.append("\\tab");
      case '\b' -> out.append("\\backspace");
      case '\f' -> out.append("\\formfeed");
      default -> out.append('\\').appendCodePoint(codePoint);
    }
  }
}
