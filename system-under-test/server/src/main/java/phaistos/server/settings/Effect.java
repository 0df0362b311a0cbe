package phaistos.server.settings;

import java.util.List;

/** What a setting does in this server. */
public sealed interface Effect {
  /** Its value changes how the server acts; the sentence says what it is. */
  record Works(String sentence) implements Effect {}

  /** The value is kept and shown, and changes nothing. Giving one earns a warning. */
  record None() implements Effect {}

  /** The server acts as these values say. Others are refused with the reason. */
  record Only(List<String> values, String reason) implements Effect {
    public Only {
      values = List.copyOf(values);
    }
  }

  /** It shows a fact, and cannot be set. */
  record Internal() implements Effect {}

  /** Reads the last column of {@code settings.tsv}. */
  static Effect parse(String text) {
    if (text.equals("none")) {
      return new None();
    }
    if (text.equals("internal")) {
      return new Internal();
    }
    int colon = text.indexOf(": ");
    String rest = text.substring(colon + 2);
    if (text.startsWith("works: ")) {
      return new Works(rest);
    }
    if (text.startsWith("only ")) {
      return new Only(List.of(text.substring("only ".length(), colon).split("\\|", -1)), rest);
    }
    throw new IllegalArgumentException("no effect: " + text);
  }

  /** One sentence for people. */
  default String sentence() {
    return switch (this) {
      case Works works -> works.sentence();
      case None _ -> "Accepted with a warning; has no effect in this server.";
      case Internal _ -> "Shows a fact, and cannot be set.";
      case Only only ->
          only.values().size() == 1 && only.values().getFirst().isEmpty()
              ? "Must be empty: %s.".formatted(only.reason())
              : "Takes only %s: %s.".formatted(String.join(", ", only.values()), only.reason());
    };
  }
}
