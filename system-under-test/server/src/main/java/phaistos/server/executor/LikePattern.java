package phaistos.server.executor;

import java.util.Arrays;
import phaistos.server.errors.PgError;

/** A pattern of LIKE, read from left to right as PostgreSQL's like_match.c does. */
final class LikePattern {
  private static final int ANY = -1;
  private static final int ONE = -2;

  /** An escape character with nothing behind it: an error if the match comes so far. */
  private static final int UNFINISHED = -3;

  private enum Match {
    YES,
    NO,
    /** Not from any later place of the text either. */
    NEVER
  }

  private final int[] pattern;
  private final boolean ignoreCase;

  /**
   * @param escape empty for none
   * @throws PgError 22025 if the escape is longer than a character
   */
  LikePattern(String shape, String escape, boolean ignoreCase) {
    if (escape.codePointCount(0, escape.length()) > 1) {
      throw PgError.withHint(
          "22025", "invalid escape string", "Escape string must be empty or one character.");
    }
    this.ignoreCase = ignoreCase;
    int mark = escape.isEmpty() ? UNFINISHED : escape.codePointAt(0);
    int[] points = shape.codePoints().toArray();
    int[] made = new int[points.length];
    int count = 0;
    for (int i = 0; i < points.length; i++) {
      if (points[i] == mark) {
        i++;
        made[count++] = i == points.length ? UNFINISHED : folded(points[i]);
      } else {
        made[count++] =
            switch (points[i]) {
              case '%' -> ANY;
              case '_' -> ONE;
              default -> folded(points[i]);
            };
      }
    }
    pattern = Arrays.copyOf(made, count);
  }

  private int folded(int point) {
    return ignoreCase ? Character.toLowerCase(point) : point;
  }

  /**
   * @throws PgError 22025 if the pattern ends with an escape character, and that matters
   */
  boolean matches(String value) {
    return match(value.codePoints().map(this::folded).toArray(), 0, 0) == Match.YES;
  }

  private Match match(int[] text, int fromText, int fromPattern) {
    int t = fromText;
    int p = fromPattern;
    while (t < text.length && p < pattern.length) {
      if (pattern[p] == ANY) {
        return afterAny(text, t, p + 1);
      }
      if (pattern[p] != ONE && literal(p) != text[t]) {
        return Match.NO;
      }
      t++;
      p++;
    }
    if (t < text.length) {
      return Match.NO;
    }
    while (p < pattern.length && pattern[p] == ANY) {
      p++;
    }
    return p == pattern.length ? Match.YES : Match.NEVER;
  }

  private Match afterAny(int[] text, int fromText, int fromPattern) {
    int t = fromText;
    int p = fromPattern;
    for (; p < pattern.length && (pattern[p] == ANY || pattern[p] == ONE); p++) {
      if (pattern[p] == ONE && t++ == text.length) {
        return Match.NEVER;
      }
    }
    if (p == pattern.length) {
      return Match.YES;
    }
    int first = literal(p);
    for (; t < text.length; t++) {
      if (text[t] == first) {
        Match match = match(text, t, p);
        if (match != Match.NO) {
          return match;
        }
      }
    }
    return Match.NEVER;
  }

  private int literal(int place) {
    if (pattern[place] == UNFINISHED) {
      throw PgError.error("22025", "LIKE pattern must not end with escape character");
    }
    return pattern[place];
  }
}
