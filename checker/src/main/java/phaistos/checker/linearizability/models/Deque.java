package phaistos.checker.linearizability.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.Step;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;

/**
 * A queue with two ends. In a history: {@code :push-front v}, {@code :push-back v}, and {@code
 * :pop-front}, {@code :pop-back} with the element in their oks, {@code :empty} if the deque was
 * seen to be empty, nil if the element is not known. The state is its elements from the front.
 */
public record Deque() implements Model<List<Edn>, Deque.Call> {
  private static final Edn EMPTY = Edn.keyword("empty");

  /** One of the two ends. */
  enum End {
    FRONT,
    BACK
  }

  /** A call at one end. */
  public sealed interface Call {
    End end();
  }

  public record Push(End end, Edn element) implements Call {}

  /** Empty where the element is not known. */
  public record Pop(End end, Optional<Edn> element) implements Call {}

  /** A pop that saw that there is none. */
  public record FoundEmpty(End end) implements Call {}

  @Override
  public List<Edn> initial() {
    return List.of();
  }

  @Override
  public Step<List<Edn>> step(List<Edn> deque, Call call) {
    return switch (call) {
      case Push push -> {
        List<Edn> more = new ArrayList<>(deque.size() + 1);
        more.addAll(deque);
        more.add(push.end == End.FRONT ? 0 : more.size(), push.element);
        yield Step.next(List.copyOf(more));
      }
      case FoundEmpty _ ->
          deque.isEmpty()
              ? Step.next(deque)
              : Step.inconsistent("the deque is not empty: " + describeState(deque));
      case Pop pop when deque.isEmpty() ->
          Step.inconsistent("can't " + describe(pop) + " from an empty deque");
      case Pop pop -> {
        boolean isFront = pop.end == End.FRONT;
        Edn there = isFront ? deque.getFirst() : deque.getLast();
        yield pop.element.isPresent() && !pop.element.get().equals(there)
            ? Step.inconsistent("can't " + describe(pop) + ", there is " + EdnWriter.print(there))
            : Step.next(
                List.copyOf(
                    isFront ? deque.subList(1, deque.size()) : deque.subList(0, deque.size() - 1)));
      }
    };
  }

  @Override
  public boolean isObservation(Call call) {
    return call instanceof FoundEmpty;
  }

  @Override
  public String describe(Call call) {
    String end = call.end() == End.FRONT ? "front" : "back";
    return switch (call) {
      case Push push -> "push-" + end + " " + EdnWriter.print(push.element);
      case Pop pop -> "pop-" + end + " " + pop.element.map(EdnWriter::print).orElse("?");
      case FoundEmpty _ -> "pop-" + end + " finds it empty";
    };
  }

  @Override
  public String describeState(List<Edn> deque) {
    String shown = deque.stream().limit(8).map(EdnWriter::print).collect(Collectors.joining(" "));
    return "[" + shown + (deque.size() > 8 ? " and " + (deque.size() - 8) + " more]" : "]");
  }

  static Call decode(UntypedCall call) {
    return switch (call.name()) {
      case "push-front" -> push(End.FRONT, call.value());
      case "push-back" -> push(End.BACK, call.value());
      case "pop-front" -> pop(End.FRONT, call.value());
      case "pop-back" -> pop(End.BACK, call.value());
      default ->
          throw new IllegalArgumentException(
              "a deque knows :push-front, :push-back, :pop-front and :pop-back, not "
                  + EdnWriter.print(call.f()));
    };
  }

  private static Call push(End end, Edn element) {
    if (element.equals(EMPTY)) {
      throw new IllegalArgumentException(
          "an element :empty cannot be told from the answer :empty of an empty deque");
    }
    return new Push(end, element);
  }

  private static Call pop(End end, Edn value) {
    if (value.equals(EMPTY)) {
      return new FoundEmpty(end);
    }
    return new Pop(end, value instanceof Edn.Nil ? Optional.empty() : Optional.of(value));
  }
}
