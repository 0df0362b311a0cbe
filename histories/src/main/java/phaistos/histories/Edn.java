package phaistos.histories;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.SequencedSet;

/**
 * A value of the extensible data notation, in which Jepsen writes its histories. Immutable;
 * compared by content. Maps and sets keep the order in which they were read, for writing only:
 * order does not count in a comparison.
 */
public sealed interface Edn {
  Nil NIL = Nil.NIL;
  Bool TRUE = new Bool(true);
  Bool FALSE = new Bool(false);

  enum Nil implements Edn {
    NIL
  }

  record Bool(boolean value) implements Edn {}

  record Int(long value) implements Edn {}

  /** An integer outside the range of {@code long}, or one written with the suffix N. */
  record BigInt(BigInteger value) implements Edn {}

  record Real(double value) implements Edn {}

  record Text(String value) implements Edn {}

  record Char(int codePoint) implements Edn {}

  /** {@code name} without the leading colon, with its namespace if it has one. */
  record Keyword(String name) implements Edn {}

  record Symbol(String name) implements Edn {}

  record Vector(List<Edn> items) implements Edn {
    public Vector {
      items = List.copyOf(items);
    }
  }

  /** A list in round brackets. */
  record Sequence(List<Edn> items) implements Edn {
    public Sequence {
      items = List.copyOf(items);
    }
  }

  record Table(SequencedMap<Edn, Edn> entries) implements Edn {
    public static final Table EMPTY = new Table(new LinkedHashMap<>());

    /** The value under the keyword, or under the text, of that name; nil where there is none. */
    public Edn get(String name) {
      Edn value = entries.get(new Keyword(name));
      if (value == null) {
        value = entries.get(new Text(name));
      }
      return value == null ? NIL : value;
    }
  }

  record Group(SequencedSet<Edn> items) implements Edn {
    public static final Group EMPTY = new Group(new LinkedHashSet<>());
  }

  /** {@code #tag value}. */
  record Tagged(String tag, Edn value) implements Edn {}

  static Edn of(long value) {
    return new Int(value);
  }

  static Edn of(String value) {
    return new Text(value);
  }

  static Keyword keyword(String name) {
    return new Keyword(name);
  }

  static Vector vector(Edn... items) {
    return new Vector(List.of(items));
  }

  /** The items of a vector or list; an {@link IllegalArgumentException} for anything else. */
  default List<Edn> elements() {
    return switch (this) {
      case Vector vector -> vector.items;
      case Sequence sequence -> sequence.items;
      default ->
          throw new IllegalArgumentException(
              "expected a vector or list: value=" + EdnWriter.print(this));
    };
  }
}
