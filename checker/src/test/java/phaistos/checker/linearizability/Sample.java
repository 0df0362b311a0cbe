package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import phaistos.checker.linearizability.models.CasRegister;
import phaistos.checker.linearizability.models.Collections;
import phaistos.checker.linearizability.models.Independent;
import phaistos.checker.linearizability.models.KeyValue;
import phaistos.checker.linearizability.models.MultiRegister;
import phaistos.checker.linearizability.models.Mutexes;
import phaistos.checker.linearizability.models.PriorityQueue;
import phaistos.checker.linearizability.models.Queues;
import phaistos.checker.linearizability.models.Register;
import phaistos.checker.linearizability.models.RegisterCall;
import phaistos.checker.linearizability.models.Stack;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/**
 * A model with the calls to make random histories of: what can be invoked, and with which results
 * each can return.
 */
record Sample<S, C>(String name, Model<S, C> model, List<Call<C>> calls) {
  /**
   * @param results at least one
   */
  record Call<C>(C invoked, List<C> results) {}

  private static <C> Call<C> call(C only) {
    return new Call<>(only, List.of(only));
  }

  static List<Sample<?, ?>> all() {
    return List.of(
        new Sample<>("register", new Register(), registerCalls(false)),
        new Sample<>("cas-register", new CasRegister(), registerCalls(true)),
        new Sample<>("independent", new Independent<>(new CasRegister()), independentCalls()),
        new Sample<>("multi-register", new MultiRegister(), multiRegisterCalls()),
        new Sample<>("key-value", new KeyValue(), keyValueCalls()),
        new Sample<>("mutex", new Mutexes.Mutex(), lockCalls(false)),
        new Sample<>("owner-mutex", new Mutexes.OwnerMutex(), lockCalls(false)),
        new Sample<>("reentrant-mutex", new Mutexes.ReentrantMutex(), lockCalls(false)),
        new Sample<>("fenced-mutex", new Mutexes.FencedMutex(), lockCalls(true)),
        new Sample<>("semaphore", new Mutexes.Semaphore(3), permitCalls()),
        new Sample<>("fifo-queue", new Queues.FifoQueue(), queueCalls()),
        new Sample<>("unordered-queue", new Queues.UnorderedQueue(), queueCalls()),
        new Sample<>("stack", new Stack(), queueCalls()),
        new Sample<>("priority-queue", new PriorityQueue(), queueCalls()),
        new Sample<>("set", new Collections.SetModel(), setCalls()),
        new Sample<>("counter", new Collections.Counter(0L), counterCalls()),
        new Sample<>(
            "noop", new Collections.Noop(), List.of(call(new UntypedCall(Edn.NIL, Edn.NIL)))));
  }

  static List<Call<RegisterCall>> registerCalls(boolean withCas) {
    List<Call<RegisterCall>> calls = new ArrayList<>();
    List<RegisterCall> reads =
        new ArrayList<>(List.of(new RegisterCall.Read(Optional.of(Edn.NIL))));
    for (long value = 1; value <= 3; value++) {
      reads.add(RegisterCall.read(value));
      calls.add(call(RegisterCall.write(value)));
      for (long to = 1; withCas && to <= 3; to++) {
        calls.add(
            new Call<>(
                RegisterCall.cas(value, to),
                List.of(
                    RegisterCall.cas(value, to),
                    new RegisterCall.CasMismatch(Edn.of(value), Edn.of(to)))));
      }
    }
    for (int i = 0; i < (withCas ? 6 : 2); i++) {
      calls.add(new Call<>(RegisterCall.read(), reads));
    }
    return calls;
  }

  private static List<Call<Independent.Call<RegisterCall>>> independentCalls() {
    List<Call<Independent.Call<RegisterCall>>> calls = new ArrayList<>();
    for (long key = 1; key <= 2; key++) {
      Edn k = Edn.of(key);
      for (Call<RegisterCall> each : registerCalls(true)) {
        calls.add(
            new Call<>(
                new Independent.Call<>(k, each.invoked),
                each.results.stream().map(r -> new Independent.Call<>(k, r)).toList()));
      }
    }
    return calls;
  }

  private static List<Call<MultiRegister.Txn>> multiRegisterCalls() {
    List<Call<MultiRegister.Txn>> calls = new ArrayList<>();
    Edn x = Edn.keyword("x");
    Edn y = Edn.keyword("y");
    for (long v = 1; v <= 2; v++) {
      MultiRegister.MicroOp writeX = new MultiRegister.Write(x, Edn.of(v));
      calls.add(call(new MultiRegister.Txn(List.of(writeX))));
      calls.add(
          call(new MultiRegister.Txn(List.of(writeX, new MultiRegister.Write(y, Edn.of(v))))));
      List<MultiRegister.Txn> seen = new ArrayList<>();
      List<MultiRegister.Txn> moved = new ArrayList<>();
      for (Edn value : List.of(Edn.NIL, Edn.of(1), Edn.of(2))) {
        MultiRegister.MicroOp readX = new MultiRegister.Read(x, Optional.of(value));
        moved.add(new MultiRegister.Txn(List.of(readX, new MultiRegister.Write(y, Edn.of(v)))));
        for (Edn other : List.of(Edn.NIL, Edn.of(1), Edn.of(2))) {
          seen.add(
              new MultiRegister.Txn(List.of(readX, new MultiRegister.Read(y, Optional.of(other)))));
        }
      }
      MultiRegister.MicroOp askX = new MultiRegister.Read(x, Optional.empty());
      calls.add(new Call<>(new MultiRegister.Txn(List.of(askX)), seen));
      calls.add(
          new Call<>(
              new MultiRegister.Txn(List.of(askX, new MultiRegister.Write(y, Edn.of(v)))), moved));
    }
    return calls;
  }

  private static List<Call<KeyValue.Call>> keyValueCalls() {
    List<Call<KeyValue.Call>> calls = new ArrayList<>();
    for (String key : List.of("a", "b")) {
      Edn k = Edn.of(key);
      List<KeyValue.Call> gets = new ArrayList<>();
      for (String value : List.of("", "1", "2", "11", "12", "21", "22")) {
        gets.add(new KeyValue.Get(k, Optional.of(value)));
      }
      calls.add(new Call<>(new KeyValue.Get(k, Optional.empty()), gets));
      calls.add(new Call<>(new KeyValue.Get(k, Optional.empty()), gets));
      for (String value : List.of("1", "2")) {
        calls.add(call(new KeyValue.Put(k, value)));
        calls.add(call(new KeyValue.Append(k, value)));
      }
    }
    return calls;
  }

  private static List<Call<Mutexes.LockCall>> lockCalls(boolean isFenced) {
    List<Call<Mutexes.LockCall>> calls = new ArrayList<>();
    for (long owner = 1; owner <= 2; owner++) {
      Edn who = Edn.of(owner);
      List<Mutexes.LockCall> acquired = new ArrayList<>();
      for (long fence = 1; isFenced && fence <= 4; fence++) {
        acquired.add(new Mutexes.Acquire(who, OptionalLong.of(fence)));
      }
      Mutexes.LockCall acquire = new Mutexes.Acquire(who, OptionalLong.empty());
      calls.add(new Call<>(acquire, isFenced ? acquired : List.of(acquire)));
      calls.add(call(new Mutexes.Release(who)));
    }
    return calls;
  }

  private static List<Call<Mutexes.Permits>> permitCalls() {
    List<Call<Mutexes.Permits>> calls = new ArrayList<>();
    for (long count = 1; count <= 2; count++) {
      calls.add(call(new Mutexes.Permits(true, count)));
      calls.add(call(new Mutexes.Permits(false, count)));
    }
    return calls;
  }

  static List<Call<Queues.QueueCall>> queueCalls() {
    List<Call<Queues.QueueCall>> calls = new ArrayList<>();
    List<Queues.QueueCall> taken = new ArrayList<>();
    for (long value = 1; value <= 3; value++) {
      calls.add(call(new Queues.Enqueue(Edn.of(value))));
      taken.add(new Queues.Dequeue(Optional.of(Edn.of(value))));
    }
    taken.add(new Queues.FoundEmpty());
    Queues.QueueCall dequeue = new Queues.Dequeue(Optional.empty());
    // more that goes out than in: a long queue has as many states as orders of what went in at once
    for (int i = 0; i < 5; i++) {
      calls.add(new Call<>(dequeue, taken));
    }
    calls.add(new Call<>(dequeue, List.of(dequeue)));
    return calls;
  }

  private static List<Call<Collections.SetCall>> setCalls() {
    List<Call<Collections.SetCall>> calls = new ArrayList<>();
    List<Collections.SetCall> reads = new ArrayList<>();
    for (int bits = 0; bits < 8; bits++) {
      PersistentMap<Edn, Boolean> set = PersistentMap.empty();
      for (int i = 0; i < 3; i++) {
        set = (bits & 1 << i) != 0 ? set.with(Edn.of(i), true) : set;
      }
      reads.add(new Collections.ReadAll(Optional.of(set)));
    }
    for (long i = 0; i < 3; i++) {
      calls.add(call(new Collections.Add(Edn.of(i))));
      calls.add(call(new Collections.Remove(Edn.of(i))));
      calls.add(
          new Call<>(
              new Collections.Contains(Edn.of(i), Optional.empty()),
              List.of(
                  new Collections.Contains(Edn.of(i), Optional.of(true)),
                  new Collections.Contains(Edn.of(i), Optional.of(false)))));
      calls.add(new Call<>(new Collections.ReadAll(Optional.empty()), reads));
    }
    return calls;
  }

  private static List<Call<Collections.CounterCall>> counterCalls() {
    List<Call<Collections.CounterCall>> calls = new ArrayList<>();
    List<Collections.CounterCall> reads = new ArrayList<>();
    for (long value = -2; value <= 4; value++) {
      reads.add(new Collections.Value(OptionalLong.of(value)));
    }
    calls.add(call(new Collections.Plus(1)));
    calls.add(call(new Collections.Plus(2)));
    calls.add(call(new Collections.Plus(-1)));
    calls.add(new Call<>(new Collections.Value(OptionalLong.empty()), reads));
    calls.add(new Call<>(new Collections.Value(OptionalLong.empty()), reads));
    return calls;
  }

  /** One thread's call that is under way; effects come at a random moment. */
  private static final class Running<C> {
    private final int place;
    private final long process;
    private final Call<C> call;
    private final boolean isCrashing;
    private Optional<C> result = Optional.empty();
    private boolean isTaken;

    Running(int place, long process, Call<C> call, boolean isCrashing) {
      this.place = place;
      this.process = process;
      this.call = call;
      this.isCrashing = isCrashing;
    }
  }

  /**
   * A history of an object that behaves, by chance: threads call, calls take effect at some moment,
   * some crash before or after it, those that cannot take effect fail.
   */
  History<C> valid(Random random, int operations, int threads, double crashing) {
    java.util.Map<Optional<Edn>, S> states = new java.util.HashMap<>();
    List<Event<C>> events = new ArrayList<>();
    List<Running<C>> running = new ArrayList<>();
    List<Running<C>> lingering = new ArrayList<>();
    List<Long> processes = new ArrayList<>();
    long fresh = threads;
    for (long i = 0; i < threads; i++) {
      processes.add(i);
    }
    int started = 0;
    while (started < operations || !running.isEmpty()) {
      boolean mayStart = started < operations && !processes.isEmpty();
      if (mayStart && (running.isEmpty() || random.nextInt(3) == 0)) {
        Call<C> call = calls.get(random.nextInt(calls.size()));
        long process = processes.remove(random.nextInt(processes.size()));
        events.add(
            new Event.Invoke<>(-1, -1, new Process.Client(process), call.invoked, Details.NONE));
        running.add(new Running<>(events.size(), process, call, random.nextDouble() < crashing));
        started++;
        continue;
      }
      Running<C> one = running.get(random.nextInt(running.size()));
      Process who = new Process.Client(one.process);
      if (!one.isTaken && random.nextBoolean() || !one.isTaken && !one.isCrashing) {
        one.isTaken = true;
        one.result = effect(random, states, one.call);
      } else if (one.isCrashing) {
        running.remove(one);
        if (random.nextBoolean()) {
          events.add(new Event.Info<>(-1, -1, who, one.call.invoked, Details.NONE));
        }
        processes.add(fresh++);
        if (!one.isTaken) {
          lingering.add(one);
        }
      } else {
        running.remove(one);
        events.add(
            one.result.isPresent()
                ? new Event.Ok<>(-1, -1, who, one.result.get(), Details.NONE)
                : new Event.Fail<>(-1, -1, who, one.call.invoked, Details.NONE));
        processes.add(one.process);
      }
      if (!lingering.isEmpty() && random.nextInt(8) == 0) {
        effect(random, states, lingering.remove(random.nextInt(lingering.size())).call);
      }
    }
    return History.of(events);
  }

  private Optional<C> effect(Random random, java.util.Map<Optional<Edn>, S> states, Call<C> call) {
    Optional<Edn> key = model.independentKey(call.invoked);
    int from = random.nextInt(call.results.size());
    for (int i = 0; i < call.results.size(); i++) {
      C result = call.results.get((from + i) % call.results.size());
      S state = states.getOrDefault(key, model.initial());
      if (model.step(state, result) instanceof Step.Next<S> next) {
        states.put(key, next.state());
        return Optional.of(result);
      }
    }
    return Optional.empty();
  }

  /** The same history with one result replaced by another. */
  History<C> mutated(Random random, History<C> history) {
    List<Event<C>> events = new ArrayList<>(history.events());
    for (int attempt = 0; attempt < 20; attempt++) {
      int place = random.nextInt(events.size());
      if (events.get(place) instanceof Event.Ok<C> ok) {
        List<Call<C>> same =
            calls.stream().filter(call -> call.results.contains(ok.call())).toList();
        List<C> results = same.get(random.nextInt(same.size())).results;
        C other = results.get(random.nextInt(results.size()));
        if (!other.equals(ok.call())) {
          events.set(place, ok.withCall(other));
          return History.of(events);
        }
      }
    }
    return history;
  }
}
