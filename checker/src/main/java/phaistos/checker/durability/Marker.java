package phaistos.checker.durability;

import java.nio.charset.StandardCharsets;
import java.util.List;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/** The unique value in a transaction's row, by which the row is found in the WAL. */
public sealed interface Marker {
  /** A value of an int4 or int8 column. */
  record Number(long value) implements Marker {
    @Override
    public String toString() {
      return Long.toString(value);
    }
  }

  /** A value of a text, varchar or bytea column, or of a char column without its padding. */
  record Text(String value) implements Marker {
    private static final int SHOWN = 60;

    byte[] bytes() {
      return value.getBytes(StandardCharsets.UTF_8);
    }

    /** For people: the beginning only of a long text. */
    @Override
    public String toString() {
      return value.length() <= SHOWN
          ? '"' + value + '"'
          : "\"%s...\" (%d characters)".formatted(value.substring(0, SHOWN), value.length());
    }
  }

  /** The marker for one value of a history: an integer, a text, a keyword, a symbol. */
  static Marker of(Edn edn) {
    return switch (edn) {
      case Edn.Int number -> new Number(number.value());
      case Edn.Text text -> new Text(text.value());
      case Edn.Keyword keyword -> new Text(keyword.name());
      case Edn.Symbol symbol -> new Text(symbol.name());
      default ->
          throw new IllegalArgumentException(
              "a marker is an integer or a text, or several of them in a vector: "
                  + EdnWriter.print(edn));
    };
  }

  /** The markers of a transaction: none for nil, several for a vector, a list or a set. */
  static List<Marker> listOf(Edn edn) {
    return switch (edn) {
      case Edn.Nil _ -> List.of();
      case Edn.Vector vector -> vector.items().stream().map(Marker::of).toList();
      case Edn.Sequence sequence -> sequence.items().stream().map(Marker::of).toList();
      case Edn.Group group -> group.items().stream().map(Marker::of).toList();
      default -> List.of(of(edn));
    };
  }
}
