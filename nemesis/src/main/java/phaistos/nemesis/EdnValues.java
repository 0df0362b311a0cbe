package phaistos.nemesis;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/** Reads values under keywords; an {@link IllegalArgumentException} says what was expected. */
final class EdnValues {
  private EdnValues() {}

  /** {@code SOME_LOST} is {@code :some-lost}. */
  static Edn word(Enum<?> value) {
    return Edn.keyword(value.name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  static <E extends Enum<E>> E word(Edn.Table table, String name, E[] values) {
    for (E value : values) {
      if (word(value).equals(table.get(name))) {
        return value;
      }
    }
    throw new IllegalArgumentException(
        ":%s: %s (expected one of %s)"
            .formatted(
                name,
                EdnWriter.print(table.get(name)),
                String.join(
                    " ", List.of(values).stream().map(v -> EdnWriter.print(word(v))).toList())));
  }

  /** A fault's own seed; 0 if it is not given. */
  static long seed(Edn.Table table) {
    return optionalInteger(table, "seed").orElse(0);
  }

  /** Refuses keys other than these. */
  static void requireKeys(Edn.Table table, String... names) {
    for (Edn key : table.entries().keySet()) {
      if (!(key instanceof Edn.Keyword(String name)) || !List.of(names).contains(name)) {
        throw new IllegalArgumentException(
            "unknown key %s (expected %s)"
                .formatted(
                    EdnWriter.print(key),
                    String.join(" ", List.of(names).stream().map(n -> ":" + n).toList())));
      }
    }
  }

  static long integer(Edn.Table table, String name) {
    return optionalInteger(table, name)
        .orElseThrow(() -> new IllegalArgumentException(":" + name + " must be an integer"));
  }

  static OptionalLong optionalInteger(Edn.Table table, String name) {
    return switch (table.get(name)) {
      case Edn.Int(long value) -> OptionalLong.of(value);
      case Edn.Nil _ -> OptionalLong.empty();
      default -> throw new IllegalArgumentException(":" + name + " must be an integer");
    };
  }

  static long positive(Edn.Table table, String name) {
    long value = integer(table, name);
    if (value < 1) {
      throw new IllegalArgumentException(":" + name + " must be at least 1, not " + value);
    }
    return value;
  }

  static String text(Edn.Table table, String name) {
    return optionalText(table, name)
        .orElseThrow(() -> new IllegalArgumentException(":" + name + " must be a text"));
  }

  static Optional<String> optionalText(Edn.Table table, String name) {
    return switch (table.get(name)) {
      case Edn.Text(String value) -> Optional.of(value);
      case Edn.Nil _ -> Optional.empty();
      default -> throw new IllegalArgumentException(":" + name + " must be a text");
    };
  }
}
