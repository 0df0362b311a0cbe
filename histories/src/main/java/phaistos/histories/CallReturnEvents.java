package phaistos.histories;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamReadException;
import java.io.IOException;
import java.io.Reader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Operations with the times of their call and return, as Porcupine's have them ({@code ClientId,
 * Input, Call, Output, Return}): JSON objects, one a line, in an array, or in an array within an
 * object. Names are case-insensitive. {@link Operations} says what Input and Output mean.
 *
 * <p>Events are sorted by time. Intervals are closed: calls come before returns of the same moment,
 * so operations that touch are concurrent. An operation without a client, or one that overlaps an
 * earlier operation of its client, gets a process of its own. Not thread-safe.
 */
final class CallReturnEvents {
  private static final List<String> LISTS =
      List.of("operations", "history", "ops", "events", "data");
  private static final int FRACTION_DIGITS = 9;

  private record Timed(
      long line,
      Edn client,
      BigInteger call,
      Optional<BigInteger> end,
      Operations.Meaning meaning) {}

  private record Moment(BigInteger time, boolean isReturn, int operation) {}

  private final List<Timed> operations = new ArrayList<>();

  /**
   * Adds the operations of a file.
   *
   * @throws EdnException with the line of the error
   */
  void read(Reader text, String source) throws IOException {
    JsonParser in = JsonValues.parser(text);
    JsonValues values = new JsonValues(in, source);
    try {
      while (true) {
        JsonToken token = in.nextToken();
        if (token == null) {
          return;
        }
        if (token == JsonToken.START_ARRAY || token == JsonToken.END_ARRAY) {
          continue;
        }
        long line = in.currentTokenLocation().getLineNr();
        if (token != JsonToken.START_OBJECT) {
          throw new EdnException(source, line, "an operation is an object, but here is " + token);
        }
        add((Edn.Table) table(values.value(), source, line), source, line);
      }
    } catch (StreamReadException e) {
      throw new EdnException(source, e.getLocation().getLineNr(), e.getOriginalMessage());
    }
  }

  private static Edn table(Edn value, String source, long line) {
    if (!(value instanceof Edn.Table)) {
      throw new EdnException(source, line, "an operation is an object: " + EdnWriter.print(value));
    }
    return value;
  }

  private void add(Edn.Table object, String source, long line) {
    Optional<Edn> call = Operations.field(object, "call");
    if (call.isEmpty()) {
      Edn list =
          LISTS.stream()
              .flatMap(name -> Operations.field(object, name).stream())
              .findFirst()
              .orElseThrow(
                  () ->
                      new EdnException(
                          source, line, "an operation has a Call and a Return, but here is none"));
      if (!(list instanceof Edn.Vector(List<Edn> items))) {
        throw new EdnException(source, line, "the operations are no array");
      }
      items.forEach(item -> add((Edn.Table) table(item, source, line), source, line));
      return;
    }
    try {
      addOperation(object, call.get(), line);
    } catch (IllegalArgumentException e) {
      throw new EdnException(source, line, e.getMessage());
    }
  }

  private void addOperation(Edn.Table object, Edn call, long line) {
    Edn input = Operations.field(object, "input").orElse(Edn.NIL);
    if (EtcdRequests.isNeutral(input)) {
      return;
    }
    Edn output = Operations.field(object, "output").orElse(Edn.NIL);
    Edn end = Operations.field(object, "return", "ret").orElse(Edn.NIL);
    BigInteger begun = time("Call", call);
    Optional<BigInteger> ended =
        end == Edn.NIL ? Optional.empty() : Optional.of(time("Return", end));
    if (ended.isPresent() && ended.get().compareTo(begun) < 0) {
      throw new IllegalArgumentException(
          "an operation returns at %s, before its call at %s"
              .formatted(EdnWriter.print(end), EdnWriter.print(call)));
    }
    Edn client = Operations.field(object, "clientid", "client", "process").orElse(Edn.NIL);
    operations.add(new Timed(line, client, begun, ended, Operations.of(input, output)));
  }

  /** A time in billionths of its unit, whatever that is, so that fractions keep their order. */
  private static BigInteger time(String name, Edn value) {
    return switch (value) {
      case Edn.Int(long ticks) ->
          BigInteger.valueOf(ticks).multiply(BigInteger.TEN.pow(FRACTION_DIGITS));
      case Edn.Real(double ticks) when Double.isFinite(ticks) && Math.abs(ticks) < 1e300 ->
          BigDecimal.valueOf(ticks).movePointRight(FRACTION_DIGITS).toBigInteger();
      default ->
          throw new IllegalArgumentException(name + " is no time: " + EdnWriter.print(value));
    };
  }

  /** All operations as events, each with the line of its operation. */
  ListedEvents events() {
    List<Moment> moments = new ArrayList<>();
    for (int i = 0; i < operations.size(); i++) {
      Timed operation = operations.get(i);
      moments.add(new Moment(operation.call, false, i));
      if (operation.end.isPresent() && operation.meaning.outcome() == Operations.Outcome.OK) {
        moments.add(new Moment(operation.end.get(), true, i));
      }
    }
    moments.sort(Comparator.comparing(Moment::time).thenComparing(Moment::isReturn));
    ListedEvents events = new ListedEvents();
    Map<Edn, Integer> busy = new HashMap<>();
    Process[] processes = new Process[operations.size()];
    Processes names = new Processes();
    for (Moment moment : moments) {
      Timed operation = operations.get(moment.operation);
      Operations.Meaning meaning = operation.meaning;
      if (moment.isReturn) {
        busy.remove(operation.client, moment.operation);
        events.add(
            index ->
                new Event.Ok<>(
                    index, -1, processes[moment.operation], meaning.answered(), Details.NONE),
            operation.line);
        continue;
      }
      boolean isFree =
          operation.client != Edn.NIL
              && busy.putIfAbsent(operation.client, moment.operation) == null;
      // a number of its own, which no client can have
      Edn who = isFree ? operation.client : Edn.vector(operation.client, Edn.of(moment.operation));
      processes[moment.operation] = names.of(who, "invoke", meaning.asked());
      events.add(
          index ->
              new Event.Invoke<>(
                  index, -1, processes[moment.operation], meaning.asked(), Details.NONE),
          operation.line);
    }
    return events;
  }
}
