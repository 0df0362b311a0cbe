package phaistos.checker.linearizability.models;

import java.util.List;
import java.util.Optional;
import phaistos.checker.linearizability.Foresight;
import phaistos.checker.linearizability.Step;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;

/**
 * A store of texts by key with get, put and append; keys are independent. In a history: {@code :get
 * [k v]}, {@code :put [k v]}, {@code :append [k v]}; the result of a get of nil is unknown.
 *
 * @param initial the value of every key, usually ""
 */
public record KeyValue(String initial) implements Foresight<String, KeyValue.Call> {
  public KeyValue() {
    this("");
  }

  /** One key's call. */
  public sealed interface Call {
    Edn key();
  }

  /** Empty where the value is not known. */
  public record Get(Edn key, Optional<String> value) implements Call {}

  public record Put(Edn key, String value) implements Call {}

  public record Append(Edn key, String value) implements Call {}

  @Override
  public Step<String> step(String state, Call call) {
    return switch (call) {
      case Get get ->
          get.value.isEmpty() || get.value.get().equals(state)
              ? Step.next(state)
              : Step.inconsistent(
                  "can't get " + shorten(get.value.get()) + " from " + shorten(state));
      case Put put -> Step.next(put.value);
      case Append append -> Step.next(state + append.value);
    };
  }

  @Override
  public Optional<Edn> independentKey(Call call) {
    return Optional.of(call.key());
  }

  @Override
  public boolean isObservation(Call call) {
    return call instanceof Get;
  }

  @Override
  public boolean isOverwrite(Call call) {
    return call instanceof Put;
  }

  /** Appends only make it longer. */
  @Override
  public boolean canStillHappen(String state, Call observation) {
    return !(observation instanceof Get get)
        || get.value.isEmpty()
        || get.value.get().startsWith(state);
  }

  @Override
  public String describe(Call call) {
    return switch (call) {
      case Get get -> "get " + get.value.map(KeyValue::shorten).orElse("?");
      case Put put -> "put " + shorten(put.value);
      case Append append -> "append " + shorten(append.value);
    };
  }

  @Override
  public String describeState(String state) {
    return shorten(state);
  }

  private static String shorten(String text) {
    String shown = text.length() <= 40 ? text : "..." + text.substring(text.length() - 37);
    return EdnWriter.print(Edn.of(shown));
  }

  static Call decode(UntypedCall call) {
    List<Edn> pair = call.value().elements();
    if (pair.size() != 2) {
      throw new IllegalArgumentException(
          "a key-value call needs [key value], not " + EdnWriter.print(call.value()));
    }
    Edn key = pair.getFirst();
    return switch (call.name()) {
      case "get", "read" ->
          new Get(
              key,
              pair.getLast() instanceof Edn.Nil
                  ? Optional.empty()
                  : Optional.of(text(pair.getLast())));
      case "put", "write" -> new Put(key, text(pair.getLast()));
      case "append" -> new Append(key, text(pair.getLast()));
      default ->
          throw new IllegalArgumentException(
              "a key-value store knows :get, :put and :append, not " + EdnWriter.print(call.f()));
    };
  }

  private static String text(Edn value) {
    return value instanceof Edn.Text text ? text.value() : EdnWriter.print(value);
  }
}
