package phaistos.histories;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.fressian.FressianReader;
import org.fressian.TaggedObject;
import org.fressian.impl.Codes;

/**
 * Values of Fressian, with the tags of Clojure's data.fressian and of Jepsen's store. An unknown
 * tag keeps its name and its parts.
 */
final class Fressian {
  private static final List<String> OP = List.of("index", "time", "type", "process", "f", "value");

  private Fressian() {}

  /**
   * All values that these bytes hold, one after the other.
   *
   * @throws EdnException if they are not Fressian
   */
  static List<Edn> readAll(byte[] bytes, int from, int length, String source) {
    ByteArrayInputStream in = new ByteArrayInputStream(bytes, from, length);
    List<Edn> values = new ArrayList<>();
    try {
      FressianReader reader = new FressianReader(in);
      while (in.available() > 0) {
        values.add(edn(reader.readObject()));
      }
      return values;
    } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new EdnException(
          source,
          values.size() + 1L,
          "no Fressian at byte " + (from + length - in.available()) + ": " + reason(e));
    }
  }

  private static String reason(Throwable e) {
    return switch (e) {
      case java.io.EOFException _ -> "it ends within a value";
      case StackOverflowError _ -> "values nest too deep";
      case OutOfMemoryError _ -> "a value of that length does not fit into memory";
      default -> "a code that means nothing there";
    };
  }

  /** Whether these bytes begin like a map of Fressian. */
  static boolean isMap(byte[] head) {
    return head.length > 2
        && (head[0] & 0xFF) == Codes.MAP
        && (head[1] & 0xFF) >= Codes.LIST_PACKED_LENGTH_START
        && (head[1] & 0xFF) <= Codes.LIST;
  }

  /** The operations of a test's map, as Jepsen's {@code test.fressian} holds it. */
  static List<Edn> history(byte[] bytes, String source) {
    Edn test = read(bytes, 0, bytes.length, source);
    Edn history = test instanceof Edn.Table table ? table.get("history") : Edn.NIL;
    if (history instanceof Edn.Vector(List<Edn> operations)) {
      return operations;
    }
    throw new EdnException(source, 0, "a map of Fressian whose :history is no vector");
  }

  /** The first value in these bytes. */
  static Edn read(byte[] bytes, int from, int length, String source) {
    ByteArrayInputStream in = new ByteArrayInputStream(bytes, from, length);
    try {
      return edn(new FressianReader(in).readObject());
    } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new EdnException(
          source, 1, "no Fressian at byte " + (from + length - in.available()) + ": " + reason(e));
    }
  }

  private static Edn edn(Object value) {
    return switch (value) {
      case null -> Edn.NIL;
      case Boolean flag -> flag ? Edn.TRUE : Edn.FALSE;
      case BigInteger big -> Edn.of(big);
      case BigDecimal decimal -> new Edn.Decimal(decimal);
      case Double number -> new Edn.Real(number);
      case Float number -> new Edn.Real(number);
      case Number number -> Edn.of(number.longValue());
      case String text -> Edn.of(text);
      case Character character -> new Edn.Char(character);
      case UUID uuid -> EdnAtoms.tagged("uuid", Edn.of(uuid.toString()));
      case Date date ->
          new Edn.Tagged("inst", Edn.of(EdnAtoms.print(date.toInstant().atOffset(ZoneOffset.UTC))));
      case Pattern pattern -> new Edn.Opaque("#\"" + pattern + '"');
      case Map<?, ?> map -> table(map);
      case Set<?> set -> group(set);
      case Collection<?> list -> new Edn.Vector(list.stream().map(Fressian::edn).toList());
      case TaggedObject tagged -> tagged(String.valueOf(tagged.tag), tagged.value);
      default ->
          value.getClass().isArray()
              ? array(value)
              : new Edn.Tagged(value.getClass().getName(), Edn.of(value.toString()));
    };
  }

  private static Edn array(Object array) {
    List<Edn> items = new ArrayList<>();
    for (int i = 0; i < Array.getLength(array); i++) {
      items.add(edn(Array.get(array, i)));
    }
    return new Edn.Vector(items);
  }

  private static Edn.Table table(Map<?, ?> map) {
    LinkedHashMap<Edn, Edn> entries = new LinkedHashMap<>();
    map.forEach((key, value) -> entries.put(edn(key), edn(value)));
    return new Edn.Table(entries);
  }

  private static Edn group(Collection<?> items) {
    LinkedHashSet<Edn> group = new LinkedHashSet<>();
    items.forEach(item -> group.add(edn(item)));
    return new Edn.Group(group);
  }

  private static Edn tagged(String tag, Object[] parts) {
    return switch (tag + "/" + parts.length) {
      case "key/2" -> Edn.keyword(name(parts));
      case "sym/2" -> new Edn.Symbol(name(parts));
      case "ratio/2" -> Edn.ratio(integer(parts[0]), integer(parts[1]));
      case "char/1" -> new Edn.Char(integer(parts[0]).intValueExact());
      case "vec/1", "atom/1", "byte/1" -> edn(parts[0]);
      case "bigint/1" ->
          parts[0] instanceof byte[] bytes ? Edn.of(new BigInteger(bytes)) : edn(parts[0]);
      case "persistent-hash-set/1", "persistent-sorted-set/1" ->
          group(parts[0] instanceof Collection<?> items ? items : List.of());
      case "map-entry/2" -> Edn.vector(edn(parts[0]), edn(parts[1]));
      case "record/2" -> new Edn.Tagged(text(parts[0]), edn(parts[1]));
      case "jepsen.history.Op/7" -> operation(parts);
      default ->
          new Edn.Tagged(
              tag,
              parts.length == 1
                  ? edn(parts[0])
                  : new Edn.Vector(java.util.Arrays.stream(parts).map(Fressian::edn).toList()));
    };
  }

  private static Edn operation(Object[] parts) {
    LinkedHashMap<Edn, Edn> fields = new LinkedHashMap<>();
    for (int i = 0; i < OP.size(); i++) {
      fields.put(Edn.keyword(OP.get(i)), edn(parts[i]));
    }
    if (parts[OP.size()] instanceof Map<?, ?> more) {
      fields.putAll(table(more).entries());
    }
    return new Edn.Table(fields);
  }

  private static String name(Object[] parts) {
    return parts[0] == null ? String.valueOf(parts[1]) : parts[0] + "/" + parts[1];
  }

  private static String text(Object value) {
    return edn(value) instanceof Edn.Symbol(String name) ? name : String.valueOf(value);
  }

  private static BigInteger integer(Object value) {
    return value instanceof BigInteger big ? big : BigInteger.valueOf(((Number) value).longValue());
  }
}
