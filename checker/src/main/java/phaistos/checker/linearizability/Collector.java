package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/**
 * Sorts a history's operations by key, event by event, into columns. So a history of millions of
 * operations needs neither its events nor its text in memory. Not thread-safe.
 */
public final class Collector<S, C> {
  /** A nemesis' event, for the picture. */
  record Fault(long index, String process, String type, String text) {}

  private record Open<C>(KeyLog<C> log, int operation, UntypedCall invoked, long index) {}

  private static final int FAULTS_MAX = 10_000;

  private final Model<S, C> model;
  private final Map<Optional<Edn>, KeyLog<C>> logs = new LinkedHashMap<>();
  private final Map<Long, Open<C>> open = new HashMap<>();
  private final List<Fault> faults = new ArrayList<>();
  private final Map<Long, Edn> names = new HashMap<>();
  private KeyLog<C> only;
  private long operations;

  public Collector(Model<S, C> model) {
    this.model = model;
  }

  static <S, C> Collector<S, C> of(Model<S, C> model, History<C> history) {
    Collector<S, C> collector = new Collector<>(model);
    collector.addAll(history);
    return collector;
  }

  /** A history's pairs are known already: no look-up by process. */
  private void addAll(History<C> history) {
    List<Event<C>> events = history.events();
    int size = events.size();
    int[] operation = new int[size];
    KeyLog<C>[] logOf = newLogs(size);
    for (int i = 0; i < size; i++) {
      Event<C> event = events.get(i);
      if (!(event.process() instanceof Process.Client client)) {
        addFault(event);
        continue;
      }
      int partner = history.partnerPlace(i);
      if (event instanceof Event.Invoke) {
        Event<C> completion = partner < 0 ? event : events.get(partner);
        C call = completion instanceof Event.Ok<C> ok ? ok.call() : event.call();
        KeyLog<C> log = log(call, size / 2);
        logOf[i] = log;
        operation[i] = log.invoke(client.id(), call, event.index());
        operations++;
      } else if (partner >= 0) {
        complete(logOf[partner], operation[partner], event);
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static <C> KeyLog<C>[] newLogs(int size) {
    return (KeyLog<C>[]) new KeyLog<?>[size];
  }

  /**
   * Takes the next event. An ok without a value has its invocation's value, except for reads, where
   * the value is then unknown.
   *
   * @throws IllegalArgumentException if the call cannot be decoded; if the process has a call open
   *     and invokes, or has none and completes; if the completion is for another key or function
   */
  public void add(Event<UntypedCall> event, CallDecoder<C> decoder) {
    if (!(event.process() instanceof Process.Client client)) {
      addFault(event);
    } else if (event instanceof Event.Invoke) {
      if (client.name() != Edn.NIL) {
        names.put(client.id(), client.name());
      }
      C call = decoder.decode(client.id(), event.call());
      KeyLog<C> log = log(call, 16);
      int operation = log.invoke(client.id(), call, event.index());
      operations++;
      Open<C> earlier =
          open.put(client.id(), new Open<>(log, operation, event.call(), event.index()));
      if (earlier != null) {
        throw new IllegalArgumentException(
            client + " invokes while its call of event " + earlier.index + " is open");
      }
    } else {
      Open<C> place = open.remove(client.id());
      if (place == null) {
        throw new IllegalArgumentException(
            client + " completes (" + event.type() + ") what it did not invoke");
      }
      complete(place, event, client.id(), decoder);
    }
  }

  private void complete(
      Open<C> place, Event<UntypedCall> event, long process, CallDecoder<C> decoder) {
    switch (event) {
      case Event.Ok<UntypedCall> ok -> {
        UntypedCall call = ok.call();
        refuseOther(place.invoked, call);
        if (call.value() instanceof Edn.Nil && !isRead(call.name())) {
          call = new UntypedCall(call.f(), place.invoked.value());
        }
        ok(place.log, place.operation, decoder.decode(process, call), ok.index());
      }
      case Event.Fail<UntypedCall> fail -> {
        refuseOther(place.invoked, fail.call());
        place.log.fail(place.operation, fail.index());
      }
      case Event.Info<UntypedCall> info -> place.log.info(place.operation, info.index());
      case Event.Invoke<UntypedCall> _ ->
          throw new IllegalStateException("an invocation completes nothing");
    }
  }

  /** Other functions that an ok may have, beside its invocation's, for the server's answer. */
  private static final Map<String, String> ANSWERS =
      Map.of("read-nil", "read", "cas-mismatch", "cas");

  private static void refuseOther(UntypedCall invoked, UntypedCall completed) {
    String name = completed.name();
    if (!name.equals(invoked.name()) && !invoked.name().equals(ANSWERS.get(name))) {
      throw new IllegalArgumentException(
          "a completion of :" + name + " for an invocation of :" + invoked.name());
    }
  }

  private static boolean isRead(String function) {
    return function.equals("read") || function.equals("get");
  }

  private void complete(KeyLog<C> log, int operation, Event<C> event) {
    switch (event) {
      case Event.Ok<C> ok -> ok(log, operation, ok.call(), ok.index());
      case Event.Fail<C> fail -> log.fail(operation, fail.index());
      case Event.Info<C> info -> log.info(operation, info.index());
      case Event.Invoke<C> _ -> throw new IllegalStateException("an invocation completes nothing");
    }
  }

  private void ok(KeyLog<C> log, int operation, C call, long index) {
    if (log(call, 0) != log) {
      throw new IllegalArgumentException(
          "an ok is for another key than its invocation: index=" + index);
    }
    log.ok(operation, call, index);
  }

  private KeyLog<C> log(C call, int expected) {
    Optional<Edn> key = model.independentKey(call);
    if (key.isEmpty() && only != null) {
      return only;
    }
    KeyLog<C> log = logs.get(key);
    if (log == null) {
      if (!logs.isEmpty() && (key.isEmpty() || only != null)) {
        throw new IllegalArgumentException(
            "some calls have an independent key and some have none: " + model.describe(call));
      }
      log = new KeyLog<>(key.isPresent() ? Math.min(expected, 64) : expected, names);
      logs.put(key, log);
      if (key.isEmpty()) {
        only = log;
      }
    }
    return log;
  }

  private void addFault(Event<?> event) {
    if (faults.size() < FAULTS_MAX && event.process() instanceof Process.Nemesis nemesis) {
      faults.add(new Fault(event.index(), nemesis.name(), event.type(), text(event.call())));
    }
  }

  private static String text(Object call) {
    return call instanceof UntypedCall untyped
        ? untyped.name() + " " + EdnWriter.print(untyped.value())
        : String.valueOf(call);
  }

  /** How many calls were invoked. */
  public long operations() {
    return operations;
  }

  public Model<S, C> model() {
    return model;
  }

  /** By key, in the order of their first operations. */
  Map<Optional<Edn>, KeyLog<C>> logs() {
    return logs;
  }

  List<Fault> faults() {
    return faults;
  }
}
