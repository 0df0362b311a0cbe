package phaistos.checker.linearizability.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;

/**
 * A transaction on {@link Etcd}: if all guards hold the first acts happen, else the others. In a
 * history:
 *
 * <pre>{@code
 * :f :txn, :value {:if [[:= :mod-revision k 4]] :then [[:put k v] [:get k]] :else [[:range a b]]}
 * }</pre>
 *
 * <p>and in the ok the same with what is known of the answers: {@code :succeeded true}, {@code
 * :revision n}, and behind each act its answer, {@code [:get k [{:key k :value v :mod-revision
 * n}]]}. A transaction of one act is also written as {@code :f :get}, {@code :value [k]}, in the ok
 * {@code [k []]}; or {@code {:then [[:get k []]], :revision n}} to give its revision.
 *
 * @param succeeded whether the guards held, where that is known
 * @param revision the store's revision after it, where that is known
 */
record EtcdCall(
    List<Guard> guards,
    List<Act> then,
    List<Act> otherwise,
    Optional<Boolean> succeeded,
    OptionalLong revision) {
  EtcdCall {
    guards = List.copyOf(guards);
    then = List.copyOf(then);
    otherwise = List.copyOf(otherwise);
  }

  /** What a guard compares. */
  enum Target {
    VALUE,
    VERSION,
    CREATE_REVISION,
    MOD_REVISION
  }

  /** {@code [:= :value k v]}, with =, !=, < or >. */
  record Guard(String relation, Target target, Edn key, Edn operand) {}

  /** Part of a transaction; unknown answers are empty. */
  sealed interface Act {}

  /** {@code [:put k v]}. */
  record Put(Edn key, Edn value) implements Act {}

  /**
   * {@code [:get k]} and {@code [:range from to]}: from the one up to, not including, the other.
   */
  record Range(Edn from, Optional<Edn> to, Optional<List<Edn.Table>> seen) implements Act {}

  /** {@code [:delete k]} and {@code [:delete-range from to]}; the answer is how many there were. */
  record Delete(Edn from, Optional<Edn> to, OptionalLong deleted) implements Act {}

  boolean isReadOnly() {
    return java.util.stream.Stream.concat(then.stream(), otherwise.stream())
        .allMatch(Range.class::isInstance);
  }

  static EtcdCall decode(UntypedCall call) {
    if (call.value() instanceof Edn.Table table) {
      return new EtcdCall(
          list(table.get("if")).stream().map(EtcdCall::guard).toList(),
          list(table.get("then")).stream().map(EtcdCall::act).toList(),
          list(table.get("else")).stream().map(EtcdCall::act).toList(),
          table.get("succeeded") instanceof Edn.Bool(boolean is)
              ? Optional.of(is)
              : Optional.empty(),
          number(table.get("revision")));
    }
    if (call.name().equals("txn")) {
      throw new IllegalArgumentException(
          "a :txn of etcd is {:if [...] :then [...] :else [...]}, not "
              + EdnWriter.print(call.value()));
    }
    List<Edn> parts = new ArrayList<>(List.of(Edn.keyword(call.name())));
    parts.addAll(call.value().elements());
    Act only = act(new Edn.Vector(parts));
    return new EtcdCall(
        List.of(), List.of(only), List.of(), Optional.empty(), OptionalLong.empty());
  }

  private static List<Edn> list(Edn value) {
    return value instanceof Edn.Nil ? List.of() : value.elements();
  }

  private static OptionalLong number(Edn value) {
    return value instanceof Edn.Int(long number) ? OptionalLong.of(number) : OptionalLong.empty();
  }

  private static String word(Edn value) {
    return new UntypedCall(value, Edn.NIL).name();
  }

  private static Guard guard(Edn value) {
    List<Edn> parts = value.elements();
    if (parts.size() == 4 && List.of("=", "!=", "<", ">").contains(word(parts.get(0)))) {
      for (Target target : Target.values()) {
        if (target
            .name()
            .toLowerCase(java.util.Locale.ROOT)
            .replace('_', '-')
            .equals(word(parts.get(1)))) {
          return new Guard(word(parts.get(0)), target, parts.get(2), parts.get(3));
        }
      }
    }
    throw new IllegalArgumentException(
        "a guard is [:= :value k v], with :=, :!=, :< or :> and :value, :version,"
            + " :create-revision or :mod-revision, not "
            + EdnWriter.print(value));
  }

  private static Act act(Edn value) {
    List<Edn> parts = value.elements();
    String name = parts.isEmpty() ? "" : word(parts.getFirst());
    int arguments = name.equals("get") || name.equals("delete") ? 1 : 2;
    int extra = parts.size() - 1 - arguments;
    boolean isPut = name.equals("put");
    if (!List.of("get", "range", "put", "delete", "delete-range").contains(name)
        || extra < 0
        || extra > (isPut ? 0 : 1)) {
      throw new IllegalArgumentException(
          "etcd knows [:get k], [:range from to], [:put k v], [:delete k] and"
              + " [:delete-range from to], each but put with its answer behind, not "
              + EdnWriter.print(value));
    }
    Edn answer = extra == 1 ? parts.getLast() : Edn.NIL;
    Edn first = parts.get(1);
    Optional<Edn> to = arguments == 2 ? Optional.of(parts.get(2)) : Optional.empty();
    return switch (name) {
      case "put" -> new Put(first, parts.get(2));
      case "get", "range" -> new Range(first, to, seen(answer));
      default -> new Delete(first, to, number(answer));
    };
  }

  private static Optional<List<Edn.Table>> seen(Edn answer) {
    if (answer instanceof Edn.Nil) {
      return Optional.empty();
    }
    List<Edn.Table> seen = new ArrayList<>();
    for (Edn item : answer.elements()) {
      if (!(item instanceof Edn.Table table)) {
        throw new IllegalArgumentException(
            "a range's answer is a list of {:key k :value v ...}, not " + EdnWriter.print(answer));
      }
      seen.add(table);
    }
    return Optional.of(List.copyOf(seen));
  }
}
