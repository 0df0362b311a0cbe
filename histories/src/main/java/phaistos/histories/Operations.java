package phaistos.histories;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The meaning of an operation's Input and Output in the forms of Porcupine and of etcd's robustness
 * tests, whose names differ between harnesses. Field names are case-insensitive.
 */
final class Operations {
  private Operations() {}

  /** How an operation ended: with an answer, or without one, so that it may have happened. */
  enum Outcome {
    OK,
    INFO
  }

  /** An operation: the call, how it ended, and its answer. */
  record Meaning(UntypedCall asked, Outcome outcome, UntypedCall answered) {}

  /**
   * @throws IllegalArgumentException if the input names no operation
   */
  static Meaning of(Edn input, Edn output) {
    if (input instanceof Edn.Table table && EtcdRequests.isRequest(table)) {
      return EtcdRequests.of(table, output);
    }
    String f = name(input);
    boolean hasKey = field(input, "key", "k").isPresent();
    Edn asked = withKey(input, isQuestion(f) ? Edn.NIL : argument(f, input));
    UntypedCall call = new UntypedCall(Edn.keyword(f), asked);
    if (isTrue(output, "unknown", "timeout", "timedout") || hasError(output)) {
      return new Meaning(call, Outcome.INFO, call);
    }
    boolean isRefused = isFalse(output, "ok", "success", "succeeded", "swapped");
    if (f.equals("cas") && (isRefused || output.equals(Edn.FALSE))) {
      return new Meaning(call, Outcome.OK, new UntypedCall(Edn.keyword("cas-mismatch"), asked));
    }
    if (f.equals("read") && isFalse(output, "exists", "found")) {
      UntypedCall empty =
          hasKey
              ? call.withValue(withKey(input, Edn.of("")))
              : new UntypedCall(Edn.keyword("read-nil"), Edn.NIL);
      return new Meaning(call, Outcome.OK, empty);
    }
    if (isRefused && isTaking(f)) {
      return new Meaning(call, Outcome.OK, call.withValue(Edn.keyword("empty")));
    }
    if (isRefused) {
      return new Meaning(call, Outcome.INFO, call); // nobody says whether it was refused or lost
    }
    Edn answer = isQuestion(f) ? withKey(input, answer(f, input, output)) : asked;
    return new Meaning(call, Outcome.OK, call.withValue(answer));
  }

  private static String name(Edn input) {
    Edn given =
        switch (input) {
          case Edn.Table table ->
              field(table, "op", "operation", "type", "kind", "f", "method", "action", "name")
                  .orElseThrow(
                      () ->
                          new IllegalArgumentException(
                              "the Input names no operation (op, type or f): "
                                  + EdnWriter.print(input)));
          case Edn.Vector(List<Edn> items) when !items.isEmpty() -> items.getFirst();
          default -> input;
        };
    return switch (given) {
      case Edn.Text(String text) -> canonical(text);
      case Edn.Keyword(String text) -> canonical(text);
      case Edn.Int(long code) -> coded(code, input);
      // Porcupine's register: true is a get
      case Edn.Bool(boolean isGet) -> isGet ? "read" : "write";
      default ->
          throw new IllegalArgumentException(
              "the Input names no operation: " + EdnWriter.print(input));
    };
  }

  /**
   * The function of a number in Porcupine's tests: a store has get, put, append; etcd has read,
   * write, cas.
   */
  private static String coded(long code, Edn input) {
    boolean isStore = field(input, "key", "k").isPresent();
    if (code == 0) {
      return "read";
    }
    if (code == 1) {
      return "write";
    }
    if (code == 2) {
      return isStore ? "append" : "cas";
    }
    throw new IllegalArgumentException("no operation has the number " + code);
  }

  private static String canonical(String text) {
    String name = text.toLowerCase(Locale.ROOT).replaceAll("[_\\s-]", "");
    return switch (name) {
      case "read", "get", "load", "r" -> "read";
      case "write", "put", "set", "store", "w" -> "write";
      case "cas", "compareandswap", "compareandset" -> "cas";
      case "append" -> "append";
      case "enqueue", "enq", "offer" -> "enqueue";
      case "dequeue", "deq", "poll" -> "dequeue";
      case "acquire", "lock" -> "acquire";
      case "release", "unlock" -> "release";
      case "delete", "remove" -> "remove";
      case "contains", "has" -> "contains";
      case "inc", "incr", "increment" -> "increment";
      case "dec", "decr", "decrement" -> "decrement";
      default -> name;
    };
  }

  private static boolean isQuestion(String f) {
    return f.equals("read") || f.equals("contains") || isTaking(f);
  }

  private static boolean isTaking(String f) {
    return switch (f) {
      case "dequeue", "pop", "deletemin", "removemin", "extractmin", "popfront", "popback" -> true;
      default -> false;
    };
  }

  private static Edn argument(String f, Edn input) {
    if (f.equals("cas")) {
      Edn from = field(input, "from", "old", "expected", "expect", "arg1", "prev").orElse(Edn.NIL);
      Edn to = field(input, "to", "new", "value", "arg2", "val", "update").orElse(Edn.NIL);
      return input instanceof Edn.Vector(List<Edn> items) && items.size() == 3
          ? Edn.vector(items.get(1), items.get(2))
          : Edn.vector(from, to);
    }
    return switch (input) {
      case Edn.Table table ->
          field(table, "value", "val", "v", "arg", "arg1", "element", "elem", "x", "data")
              .orElse(Edn.NIL);
      case Edn.Vector(List<Edn> items) when items.size() > 1 -> items.getLast();
      default -> Edn.NIL;
    };
  }

  private static Edn answer(String f, Edn input, Edn output) {
    Edn seen =
        output instanceof Edn.Table table
            ? field(table, "value", "values", "val", "v", "result", "element", "elem", "items")
                .orElse(Edn.NIL)
            : output;
    return f.equals("contains") ? Edn.vector(argument(f, input), seen) : seen;
  }

  private static Edn withKey(Edn input, Edn value) {
    return field(input, "key", "k").map(key -> (Edn) Edn.vector(key, value)).orElse(value);
  }

  private static boolean hasError(Edn output) {
    Edn error = field(output, "error", "err").orElse(Edn.NIL);
    return error != Edn.NIL && !error.equals(Edn.of("")) && !error.equals(Edn.FALSE);
  }

  private static boolean isTrue(Edn table, String... names) {
    return field(table, names).filter(Edn.TRUE::equals).isPresent();
  }

  private static boolean isFalse(Edn table, String... names) {
    return field(table, names).filter(Edn.FALSE::equals).isPresent();
  }

  /** The first of these fields that the table has. */
  static Optional<Edn> field(Edn table, String... names) {
    if (!(table instanceof Edn.Table(var entries))) {
      return Optional.empty();
    }
    for (String name : names) {
      for (Map.Entry<Edn, Edn> entry : entries.entrySet()) {
        if (entry.getKey() instanceof Edn.Text(String key) && key.equalsIgnoreCase(name)) {
          return Optional.of(entry.getValue());
        }
      }
    }
    return Optional.empty();
  }
}
