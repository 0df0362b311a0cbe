package phaistos.checker.linearizability.models;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import phaistos.checker.linearizability.CallDecoder;
import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.Monitored;
import phaistos.checker.linearizability.Step;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;

/** One object per key, as Jepsen's {@code independent} histories have: values are [key value]. */
public record Independent<S, C>(Model<S, C> each) implements Model<S, Independent.Call<C>> {
  /** A call on the object of this key. */
  public record Call<C>(Edn key, C call) {}

  /** Whether a call's value shows that the history has keys. */
  enum Shape {
    KEYED,
    PLAIN,
    EITHER
  }

  @Override
  public S initial() {
    return each.initial();
  }

  @Override
  public Step<S> step(S state, Call<C> call) {
    return each.step(state, call.call);
  }

  @Override
  public Optional<Edn> independentKey(Call<C> call) {
    return Optional.of(call.key);
  }

  @Override
  public boolean isObservation(Call<C> call) {
    return each.isObservation(call.call);
  }

  @Override
  public boolean isOverwrite(Call<C> call) {
    return each.isOverwrite(call.call);
  }

  @Override
  public Optional<Monitored<Call<C>>> monitored() {
    return each.monitored().map(EachAccess::new);
  }

  private record EachAccess<C>(Monitored<C> each) implements Monitored<Call<C>> {
    @Override
    public Monitored.Kind kind() {
      return each.kind();
    }

    @Override
    public Monitored.Access access(Call<C> call) {
      return each.access(call.call);
    }

    @Override
    public Optional<Edn> initialElement() {
      return each.initialElement();
    }

    @Override
    public Comparator<Edn> order() {
      return each.order();
    }
  }

  @Override
  public String describe(Call<C> call) {
    return each.describe(call.call);
  }

  @Override
  public String describeState(S state) {
    return each.describeState(state);
  }

  static <C> CallDecoder<Call<C>> decoder(CallDecoder<C> each) {
    return (process, call) -> {
      List<Edn> pair = pair(call.value());
      if (pair.isEmpty()) {
        throw new IllegalArgumentException(
            "the history has keys, but this value is no [key value]: "
                + EdnWriter.print(call.value()));
      }
      UntypedCall inner = new UntypedCall(call.f(), pair.getLast());
      return new Call<>(pair.getFirst(), each.decode(process, inner));
    };
  }

  /** Key and value of a tuple in any of its spellings; else empty. */
  private static List<Edn> pair(Edn value) {
    return switch (value) {
      case Edn.Vector vector when vector.items().size() == 2 -> vector.items();
      case Edn.Sequence sequence when sequence.items().size() == 2 -> sequence.items();
      case Edn.Tagged tagged when tagged.value() instanceof Edn.Table fields && isTuple(tagged) ->
          List.of(fields.get("key"), fields.get("value"));
      case Edn.Tagged tagged when isTuple(tagged) -> pair(tagged.value());
      default -> List.of();
    };
  }

  /** Such as {@code #jepsen.independent.Tuple} and {@code #clojure.lang.MapEntry}. */
  private static boolean isTuple(Edn.Tagged tagged) {
    String tag = tagged.tag().toLowerCase(Locale.ROOT);
    return tag.endsWith("tuple") || tag.endsWith("mapentry");
  }

  /** Judged by an invocation. */
  static Shape shape(UntypedCall call) {
    List<Edn> pair = pair(call.value());
    if (call.value() instanceof Edn.Tagged || pair.isEmpty()) {
      return pair.isEmpty() ? Shape.PLAIN : Shape.KEYED;
    }
    Edn first = pair.getFirst();
    Edn second = pair.getLast();
    return switch (call.name()) {
      case "cas", "cas-mismatch" ->
          second instanceof Edn.Vector || second instanceof Edn.Nil ? Shape.KEYED : Shape.PLAIN;
      case "txn" ->
          first instanceof Edn.Vector part
                  && !part.items().isEmpty()
                  && part.items().getFirst() instanceof Edn.Keyword
              ? Shape.PLAIN
              : Shape.KEYED;
      default -> second instanceof Edn.Nil ? Shape.KEYED : Shape.EITHER;
    };
  }
}
