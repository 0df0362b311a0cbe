package phaistos.histories;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The keys of one event as they stand in a file, between {@link Event} and EDN or JSON. A known key
 * whose value has another shape than ours is kept as an unknown key (Jepsen has no {@code :node},
 * for example, but a test may write one). Not thread-safe; reused for each event.
 */
final class EventFields {
  private static final int SEEN_MAX = 32;

  private long index;
  private long timeNanos;
  private Edn process;
  private Edn type;
  private Edn f;
  private Edn value;
  private Details.Builder details;
  private LinkedHashMap<Edn, Edn> unknown;
  private final String[] seen = new String[SEEN_MAX];
  private int seenCount;
  private final Processes processes = new Processes();

  void clear() {
    index = -1;
    timeNanos = -1;
    process = Edn.NIL;
    type = Edn.NIL;
    f = Edn.NIL;
    value = Edn.NIL;
    details = null;
    unknown = null;
    seenCount = 0;
  }

  /**
   * @throws IllegalArgumentException for a key that occurs twice, or for one of Jepsen's keys with
   *     an impossible value
   */
  void put(Edn name, Edn given) {
    String known =
        switch (name) {
          case Edn.Keyword keyword -> keyword.name();
          case Edn.Text text -> text.value();
          default -> "";
        };
    refuseTwice(known);
    switch (known) {
      case "index" -> index = integer(known, given);
      case "time" -> timeNanos = given instanceof Edn.Real real ? (long) real.value() : time(given);
      case "process" -> process = given;
      case "type" -> type = given;
      case "f" -> f = given;
      case "value" -> value = given;
      default -> {
        if (!putDetail(known, given)) {
          putUnknown(name, given);
        }
      }
    }
  }

  private void refuseTwice(String known) {
    if (known.isEmpty() || seenCount == SEEN_MAX) {
      return;
    }
    for (int i = 0; i < seenCount; i++) {
      if (seen[i].equals(known)) {
        throw new IllegalArgumentException("an event has the key " + known + " twice");
      }
    }
    seen[seenCount++] = known;
  }

  private static long integer(String known, Edn given) {
    if (given instanceof Edn.Int integer) {
      return integer.value();
    }
    if (given instanceof Edn.Nil) {
      return -1;
    }
    throw new IllegalArgumentException(known + " is no integer: " + EdnWriter.print(given));
  }

  private static long time(Edn given) {
    return integer("time", given);
  }

  private boolean putDetail(String known, Edn given) {
    switch (known) {
      case "error" -> details().error(given);
      case "marker" -> details().marker(given);
      case "node" -> {
        Optional<String> node = name(given);
        node.ifPresent(details()::node);
        return node.isPresent();
      }
      case "timeline" -> {
        if (!(given instanceof Edn.Int number) || number.value() != (int) number.value()) {
          return false;
        }
        details().timeline((int) number.value());
      }
      case "xid" -> {
        if (!(given instanceof Edn.Int number)) {
          return false;
        }
        details().xid(number.value());
      }
      case "lsn" -> {
        OptionalLong lsn = lsn(given);
        lsn.ifPresent(details()::lsn);
        return lsn.isPresent();
      }
      case "synchronous-commit" -> {
        Optional<String> level = name(given);
        level.ifPresent(details()::synchronousCommit);
        return level.isPresent();
      }
      case "standby-names" -> {
        if (!(given instanceof Edn.Text names)) {
          return false;
        }
        details().standbyNames(names.value());
      }
      case "unreplicated" -> {
        if (!(given instanceof Edn.Bool flag)) {
          return false;
        }
        details().unreplicated(flag.value());
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private Details.Builder details() {
    if (details == null) {
      details = Details.builder();
    }
    return details;
  }

  private void putUnknown(Edn name, Edn given) {
    if (unknown == null) {
      unknown = new LinkedHashMap<>();
    }
    if (unknown.put(name, given) != null) {
      throw new IllegalArgumentException(
          "an event has the key " + EdnWriter.print(name) + " twice");
    }
  }

  private static Optional<String> name(Edn given) {
    return switch (given) {
      case Edn.Text text -> Optional.of(text.value());
      case Edn.Keyword keyword -> Optional.of(keyword.name());
      default -> Optional.empty();
    };
  }

  /** PostgreSQL's "0/16B3748": two hexadecimal halves of 32 bits. */
  static OptionalLong lsn(Edn given) {
    if (!(given instanceof Edn.Text text)) {
      return OptionalLong.empty();
    }
    int slash = text.value().indexOf('/');
    if (slash < 1 || slash > 8 || text.value().length() - slash - 1 > 8) {
      return OptionalLong.empty();
    }
    try {
      long high = Long.parseLong(text.value(), 0, slash, 16);
      long low = Long.parseLong(text.value(), slash + 1, text.value().length(), 16);
      return high < 0 || low < 0 ? OptionalLong.empty() : OptionalLong.of(high << 32 | low);
    } catch (NumberFormatException _) {
      return OptionalLong.empty();
    }
  }

  static String printLsn(long lsn) {
    return Long.toHexString(lsn >>> 32).toUpperCase(java.util.Locale.ROOT)
        + "/"
        + Long.toHexString(lsn & 0xFFFFFFFFL).toUpperCase(java.util.Locale.ROOT);
  }

  /**
   * The event of the keys that were put. One without an index gets {@code indexIfNone}.
   *
   * @throws IllegalArgumentException if the type is none of Jepsen's four, or if the event's
   *     process cannot be known
   */
  Event<UntypedCall> build(long indexIfNone) {
    long place = index >= 0 ? index : indexIfNone;
    UntypedCall call = call();
    String word = name(type).orElse("");
    Process who = isType(word) ? processes.of(process, word, call) : Process.NEMESIS;
    Details more = buildDetails();
    return switch (word) {
      case "invoke" -> new Event.Invoke<>(place, timeNanos, who, call, more);
      case "ok" -> new Event.Ok<>(place, timeNanos, who, call, more);
      case "fail" -> new Event.Fail<>(place, timeNanos, who, call, more);
      case "info" -> new Event.Info<>(place, timeNanos, who, call, more);
      default ->
          throw new IllegalArgumentException(
              "an event's type is none of invoke, ok, fail, info: " + EdnWriter.print(type));
    };
  }

  /**
   * The call. Key-value logs write the key beside the value; here both become a tuple, as in
   * Jepsen.
   */
  private UntypedCall call() {
    Optional<Edn> beside = takeKey();
    return new UntypedCall(f, beside.map(k -> (Edn) Edn.vector(k, value)).orElse(value));
  }

  private Optional<Edn> takeKey() {
    if (unknown == null || !(f instanceof Edn.Keyword function)) {
      return Optional.empty();
    }
    return switch (function.name()) {
      case "get", "put", "append" -> Optional.ofNullable(unknown.remove(Edn.keyword("key")));
      default -> Optional.empty();
    };
  }

  List<String> remarks() {
    return processes.remarks();
  }

  private static boolean isType(String word) {
    return switch (word) {
      case "invoke", "ok", "fail", "info" -> true;
      default -> false;
    };
  }

  private Details buildDetails() {
    if (unknown != null && !unknown.isEmpty()) {
      details().unknown(new Edn.Table(unknown));
    }
    return details == null ? Details.NONE : details.build();
  }

  /** Receives the keys of an event, in the order in which they are written. */
  interface Sink {
    void field(String name, Edn value);

    default void field(String name, long number) {
      field(name, Edn.of(number));
    }

    default void keyword(String name, String word) {
      field(name, Edn.keyword(word));
    }

    default void text(String name, String text) {
      field(name, Edn.of(text));
    }

    void unknown(Edn name, Edn value);
  }

  static void describe(Event<UntypedCall> event, Sink out) {
    if (event.index() >= 0) {
      out.field("index", event.index());
    }
    if (event.timeNanos() >= 0) {
      out.field("time", event.timeNanos());
    }
    out.keyword("type", event.type());
    out.field("process", processValue(event.process()));
    out.field("f", event.call().f());
    out.field("value", event.call().value());
    Details details = event.details();
    if (details == Details.NONE) {
      return;
    }
    if (details.error().isPresent()) {
      out.field("error", details.error().get());
    }
    if (details.node().isPresent()) {
      out.text("node", details.node().get());
    }
    if (details.timeline().isPresent()) {
      out.field("timeline", details.timeline().getAsInt());
    }
    if (details.xid().isPresent()) {
      out.field("xid", details.xid().getAsLong());
    }
    if (details.lsn().isPresent()) {
      out.text("lsn", printLsn(details.lsn().getAsLong()));
    }
    if (details.marker().isPresent()) {
      out.field("marker", details.marker().get());
    }
    if (details.synchronousCommit().isPresent()) {
      out.keyword("synchronous-commit", details.synchronousCommit().get());
    }
    if (details.standbyNames().isPresent()) {
      out.text("standby-names", details.standbyNames().get());
    }
    if (details.unreplicated()) {
      out.field("unreplicated", Edn.TRUE);
    }
    details.unknown().entries().forEach(out::unknown);
  }

  private static Edn processValue(Process process) {
    return switch (process) {
      case Process.Client client -> client.value();
      case Process.Nemesis other when other.name().equals("nil") -> Edn.NIL;
      case Process.Nemesis other when isKeyword(other.name()) -> Edn.keyword(other.name());
      case Process.Nemesis other -> Edn.of(other.name());
    };
  }

  private static boolean isKeyword(String name) {
    return !name.isEmpty()
        && name.chars()
            .allMatch(c -> Character.isLetterOrDigit(c) || "-_.+*!?/$%&=<>".indexOf(c) >= 0);
  }
}
