package phaistos.histories;

import java.util.List;
import java.util.Optional;

/**
 * Requests and responses of etcd's robustness tests (etcd-io/etcd, tests/robustness/model): puts,
 * deletes and gets of one key are calls on a store of texts, in which no value and the empty text
 * are equal. Transactions with conditions or several operations, ranges, and leases that remove
 * keys become {@code :txn}, {@code :range} or {@code :lease} with the request as value. A request
 * with an error may have happened; a get of an old revision says nothing about the present.
 */
final class EtcdRequests {
  private EtcdRequests() {}

  static boolean isRequest(Edn.Table input) {
    return Operations.field(input, "range", "txn", "leaseGrant", "leaseRevoke", "defragment")
            .isPresent()
        && Operations.field(input, "type").isPresent();
  }

  /** Whether the request neither changes nor reads the value of a key. */
  static boolean isNeutral(Edn input) {
    return input instanceof Edn.Table table
        && isRequest(table)
        && Operations.field(table, "type").orElse(Edn.NIL) instanceof Edn.Text(String type)
        && switch (type) {
          case "leaseGrant", "defragment", "compact" -> true;
          default -> false;
        };
  }

  static Operations.Meaning of(Edn.Table input, Edn output) {
    String type =
        Operations.field(input, "type").orElse(Edn.NIL) instanceof Edn.Text(String text)
            ? text
            : "";
    boolean hasFailed =
        Operations.field(output, "error", "clientError")
            .filter(error -> error != Edn.NIL && !error.equals(Edn.of("")))
            .isPresent();
    boolean isPartial = Operations.field(output, "partialResponse").equals(Optional.of(Edn.TRUE));
    return switch (type) {
      case "range" -> range(input, output, hasFailed || isPartial);
      case "txn" -> txn(input, output, hasFailed, isPartial);
      default -> whole(type, input, hasFailed);
    };
  }

  private static Operations.Meaning range(Edn.Table input, Edn output, boolean isUnknown) {
    Edn range = Operations.field(input, "range").orElse(Edn.NIL);
    if (!isOneKey(range)) {
      return whole("range", input, isUnknown);
    }
    Edn seen = Operations.field(output, "range").orElse(Edn.NIL);
    boolean isOld =
        Operations.field(range, "revision").filter(r -> !r.equals(Edn.of(0))).isPresent();
    return get(range, seen, isUnknown || isOld);
  }

  private static Operations.Meaning txn(
      Edn.Table input, Edn output, boolean hasFailed, boolean isPartial) {
    Edn txn = Operations.field(input, "txn").orElse(Edn.NIL);
    List<Edn> steps = items(Operations.field(txn, "operationsOnSuccess"));
    boolean isPlain = items(Operations.field(txn, "conditions")).isEmpty() && steps.size() == 1;
    if (!isPlain) {
      return whole("txn", input, hasFailed);
    }
    Edn step = steps.getFirst();
    String kind =
        Operations.field(step, "type").orElse(Edn.NIL) instanceof Edn.Text(String text) ? text : "";
    Edn put = Operations.field(step, "put").orElse(Edn.NIL);
    boolean isLeased =
        Operations.field(put, "leaseID").filter(lease -> !lease.equals(Edn.of(0))).isPresent();
    if (kind.equals("put-operation") && !isLeased) {
      Edn value = value(Operations.field(put, "value").orElse(Edn.NIL));
      return write(Operations.field(put, "key").orElse(Edn.NIL), value, hasFailed);
    }
    if (kind.equals("delete-operation")) {
      Edn delete = Operations.field(step, "delete").orElse(Edn.NIL);
      return write(Operations.field(delete, "key").orElse(Edn.NIL), Edn.of(""), hasFailed);
    }
    Edn range = Operations.field(step, "range").orElse(Edn.NIL);
    if (kind.equals("range-operation") && isOneKey(range)) {
      Edn answer = Operations.field(output, "txn").orElse(Edn.NIL);
      List<Edn> results = items(Operations.field(answer, "results"));
      boolean isKnown = !hasFailed && !isPartial && results.size() == 1;
      return get(range, isKnown ? results.getFirst() : Edn.NIL, !isKnown);
    }
    return whole("txn", input, hasFailed);
  }

  private static boolean isOneKey(Edn range) {
    Optional<Edn> end = Operations.field(range, "end");
    return range instanceof Edn.Table
        && (end.isEmpty() || end.get() == Edn.NIL || end.get().equals(Edn.of("")));
  }

  private static Operations.Meaning get(Edn range, Edn seen, boolean isUnknown) {
    Edn key = Operations.field(range, "start", "key").orElse(Edn.NIL);
    UntypedCall asked = new UntypedCall(Edn.keyword("get"), Edn.vector(key, Edn.NIL));
    if (isUnknown || !(seen instanceof Edn.Table)) {
      return new Operations.Meaning(asked, Operations.Outcome.INFO, asked);
    }
    List<Edn> pairs = items(Operations.field(seen, "kvs"));
    Edn value =
        pairs.isEmpty()
            ? Edn.of("")
            : value(Operations.field(pairs.getFirst(), "value").orElse(Edn.NIL));
    UntypedCall answered = asked.withValue(Edn.vector(key, value));
    return new Operations.Meaning(asked, Operations.Outcome.OK, answered);
  }

  private static Operations.Meaning write(Edn key, Edn value, boolean hasFailed) {
    UntypedCall call = new UntypedCall(Edn.keyword("put"), Edn.vector(key, value));
    return new Operations.Meaning(
        call, hasFailed ? Operations.Outcome.INFO : Operations.Outcome.OK, call);
  }

  /** The text, or for a long one its hash. */
  private static Edn value(Edn given) {
    if (!(given instanceof Edn.Table)) {
      return given == Edn.NIL ? Edn.of("") : given;
    }
    Edn text = Operations.field(given, "value").orElse(Edn.of(""));
    Edn hash = Operations.field(given, "hash").orElse(Edn.of(0));
    return hash.equals(Edn.of(0)) ? text : Edn.of("hash " + EdnWriter.print(hash));
  }

  private static List<Edn> items(Optional<Edn> given) {
    return given.orElse(Edn.NIL) instanceof Edn.Vector(List<Edn> items) ? items : List.of();
  }

  private static Operations.Meaning whole(String f, Edn.Table input, boolean hasFailed) {
    String name = f.startsWith("lease") ? "lease" : f;
    UntypedCall call = new UntypedCall(Edn.keyword(name), input);
    return new Operations.Meaning(
        call, hasFailed ? Operations.Outcome.INFO : Operations.Outcome.OK, call);
  }
}
