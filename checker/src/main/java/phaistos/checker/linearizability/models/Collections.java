package phaistos.checker.linearizability.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.Monitored;
import phaistos.checker.linearizability.PersistentMap;
import phaistos.checker.linearizability.Step;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;

/** A set, a counter, and the model that allows everything. */
public final class Collections {
  private Collections() {}

  /**
   * A call on a set. In a history: {@code :add v}, {@code :remove v}, {@code :contains [v true]},
   * {@code :read} with all elements in its ok (nil: not known).
   */
  public sealed interface SetCall {}

  public record Add(Edn element) implements SetCall {}

  /** Removing what is not there changes nothing. */
  public record Remove(Edn element) implements SetCall {}

  public record ReadAll(Optional<PersistentMap<Edn, Boolean>> elements) implements SetCall {}

  /** Empty where the answer is not known. */
  public record Contains(Edn element, Optional<Boolean> answer) implements SetCall {}

  /** What a call does to a set. */
  private record SetAccess() implements Monitored<SetCall> {
    @Override
    public Monitored.Kind kind() {
      return Monitored.Kind.SET;
    }

    @Override
    public Monitored.Access access(SetCall call) {
      return switch (call) {
        case Add add -> new Monitored.Access.Put(add.element);
        case Remove remove -> new Monitored.Access.Take(remove.element);
        case ReadAll read when read.elements.isPresent() ->
            new Monitored.Access.SeeAll(read.elements.get());
        case Contains contains when contains.answer.isPresent() ->
            contains.answer.get()
                ? new Monitored.Access.See(contains.element)
                : new Monitored.Access.Miss(contains.element);
        case ReadAll _, Contains _ -> new Monitored.Access.Nothing();
      };
    }
  }

  /** A set. */
  public record SetModel() implements Model<PersistentMap<Edn, Boolean>, SetCall> {
    @Override
    public PersistentMap<Edn, Boolean> initial() {
      return PersistentMap.empty();
    }

    @Override
    public Step<PersistentMap<Edn, Boolean>> step(PersistentMap<Edn, Boolean> state, SetCall call) {
      return switch (call) {
        case Add add -> Step.next(state.with(add.element, true));
        case Remove remove -> Step.next(state.without(remove.element));
        case ReadAll read ->
            read.elements.isEmpty() || read.elements.get().equals(state)
                ? Step.next(state)
                : Step.inconsistent("can't " + describe(call) + " from " + describeState(state));
        case Contains contains ->
            contains.answer.isEmpty() || contains.answer.get() == state.contains(contains.element)
                ? Step.next(state)
                : Step.inconsistent("can't see " + describe(call) + " in " + describeState(state));
      };
    }

    @Override
    public boolean isObservation(SetCall call) {
      return call instanceof ReadAll || call instanceof Contains;
    }

    @Override
    public Optional<Monitored<SetCall>> monitored() {
      return Optional.of(new SetAccess());
    }

    @Override
    public String describe(SetCall call) {
      return switch (call) {
        case Add add -> "add " + EdnWriter.print(add.element);
        case Remove remove -> "remove " + EdnWriter.print(remove.element);
        case ReadAll read -> "read " + read.elements.map(this::describeState).orElse("?");
        case Contains contains ->
            EdnWriter.print(contains.element)
                + " is in it: "
                + contains.answer.map(String::valueOf).orElse("?");
      };
    }

    @Override
    public String describeState(PersistentMap<Edn, Boolean> state) {
      List<String> elements = new ArrayList<>();
      state.forEach((element, _) -> elements.add(EdnWriter.print(element)));
      elements.sort(null);
      int hidden = elements.size() - 12;
      return "{"
          + elements.stream().limit(12).collect(Collectors.joining(" "))
          + (hidden > 0 ? " and " + hidden + " more}" : "}");
    }

    static SetCall decode(UntypedCall call) {
      return switch (call.name()) {
        case "add" -> new Add(call.value());
        case "remove" -> new Remove(call.value());
        case "read" -> new ReadAll(elements(call.value()));
        case "contains" -> {
          List<Edn> pair =
              call.value() instanceof Edn.Vector vector && vector.items().size() == 2
                  ? vector.items()
                  : List.of(call.value(), Edn.NIL);
          yield new Contains(
              pair.getFirst(),
              pair.getLast() instanceof Edn.Bool answer
                  ? Optional.of(answer.value())
                  : Optional.empty());
        }
        default ->
            throw new IllegalArgumentException(
                "a set knows :add, :remove, :contains and :read, not " + EdnWriter.print(call.f()));
      };
    }

    private static Optional<PersistentMap<Edn, Boolean>> elements(Edn value) {
      if (value instanceof Edn.Nil) {
        return Optional.empty();
      }
      PersistentMap<Edn, Boolean> all = PersistentMap.empty();
      Iterable<Edn> items = value instanceof Edn.Group group ? group.items() : value.elements();
      for (Edn item : items) {
        all = all.with(item, true);
      }
      return Optional.of(all);
    }
  }

  /**
   * A call on a counter. In a history: {@code :add n}, {@code :increment}, {@code :decrement},
   * {@code :read n} (nil: not known).
   */
  public sealed interface CounterCall {}

  public record Plus(long amount) implements CounterCall {}

  /** Empty where the value is not known. */
  public record Value(OptionalLong value) implements CounterCall {}

  /** A counter; its state is its value. */
  public record Counter(Long initial) implements Model<Long, CounterCall> {
    @Override
    public Step<Long> step(Long state, CounterCall call) {
      return switch (call) {
        case Plus plus -> Step.next(state + plus.amount);
        case Value read ->
            read.value.isEmpty() || read.value.getAsLong() == state
                ? Step.next(state)
                : Step.inconsistent("can't read " + read.value.getAsLong() + " from " + state);
      };
    }

    @Override
    public boolean isObservation(CounterCall call) {
      return call instanceof Value;
    }

    @Override
    public String describe(CounterCall call) {
      return switch (call) {
        case Plus plus -> "add " + plus.amount;
        case Value read ->
            "read " + (read.value.isPresent() ? String.valueOf(read.value.getAsLong()) : "?");
      };
    }

    static CounterCall decode(UntypedCall call) {
      return switch (call.name()) {
        case "add", "increment", "inc" -> new Plus(amount(call.value()));
        case "decrement", "dec" -> new Plus(-amount(call.value()));
        case "read" ->
            new Value(
                call.value() instanceof Edn.Nil
                    ? OptionalLong.empty()
                    : OptionalLong.of(amount(call.value())));
        default ->
            throw new IllegalArgumentException(
                "a counter knows :add, :increment, :decrement and :read, not "
                    + EdnWriter.print(call.f()));
      };
    }

    private static long amount(Edn value) {
      return switch (value) {
        case Edn.Int number -> number.value();
        case Edn.Nil _ -> 1;
        default -> throw new IllegalArgumentException("not a number: " + EdnWriter.print(value));
      };
    }
  }

  /** Allows every call: every history is linearizable. */
  public record Noop() implements Model<Boolean, UntypedCall> {
    @Override
    public Boolean initial() {
      return true;
    }

    @Override
    public Step<Boolean> step(Boolean state, UntypedCall call) {
      return Step.next(state);
    }

    @Override
    public boolean isObservation(UntypedCall call) {
      return true;
    }

    @Override
    public String describe(UntypedCall call) {
      return call.name() + " " + EdnWriter.print(call.value());
    }
  }
}
