package phaistos.workloads;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import phaistos.environment.Environment;
import phaistos.environment.Latch;
import phaistos.histories.Codec;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Act;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generator.Step;

/**
 * Runs a generator, once. Each client thread is a task, and the nemesis is one. The caller's task
 * calls the generator, assigns its acts to threads and reports every event to the observer.
 *
 * <p>Guarantees:
 *
 * <ul>
 *   <li>The observer sees an invocation before it is sent and a completion after it has arrived. So
 *       the interval of an operation is never too short.
 *   <li>Every invocation of a client has one completion. An exception that a session throws, or a
 *       call without an answer in the end, becomes an info.
 *   <li>After an info the process is dead. Its thread goes on under a fresh id.
 *   <li>{@link Limits} end the run, even if the generator, the clients or the database hang.
 *   <li>The nemesis has infos only: one for the act, one for its result, as Jepsen writes them.
 * </ul>
 */
public final class Interpreter<C> {
  private final Environment environment;
  private final Client<C> client;
  private final Codec<C> codec;
  private final NemesisCalls nemesis;
  private final Observer observer;
  private final Limits limits;

  private final Queue<Done> done = new ConcurrentLinkedQueue<>();
  private final Latch wake;
  private final List<Worker> workers = new ArrayList<>();

  private long startNanos;
  private long index;
  private int busy;
  private Context context;
  private Generator<UntypedCall> generator;

  /** The nemesis, as the interpreter uses it. */
  @FunctionalInterface
  public interface NemesisCalls {
    /** Performs an act; the answer says what happened. The history records an exception. */
    Completion<UntypedCall> invoke(UntypedCall call) throws Exception;
  }

  /** Receives a run's events. Called by the interpreter's task only; an exception ends the run. */
  public interface Observer {
    void event(Event<UntypedCall> event);

    /** A line for the run log. */
    default void log(long timeNanos, String message) {}

    /** One after the other. */
    static Observer all(Observer... observers) {
      List<Observer> list = List.of(observers);
      return new Observer() {
        @Override
        public void event(Event<UntypedCall> event) {
          list.forEach(observer -> observer.event(event));
        }

        @Override
        public void log(long timeNanos, String message) {
          list.forEach(observer -> observer.log(timeNanos, message));
        }
      };
    }
  }

  /**
   * @param clientThreads at least one
   * @param runNanos the generator is not called after this time
   * @param drainNanos how long open calls may take after that
   */
  public record Limits(int clientThreads, long runNanos, long drainNanos) {
    public Limits {
      if (clientThreads < 1 || runNanos < 0 || drainNanos < 0) {
        throw new IllegalArgumentException(
            "clientThreads=" + clientThreads + ", runNanos=" + runNanos + ", " + drainNanos);
      }
    }
  }

  /**
   * How a run ended.
   *
   * @param events written to the history
   * @param abandoned client calls without an answer within the limits
   * @param generatorEnded false if the run's limit came first
   */
  public record End(long events, int abandoned, boolean generatorEnded, long timeNanos) {}

  private record Done(int thread, long number, Completion<UntypedCall> completion) {}

  public Interpreter(
      Environment environment,
      Client<C> client,
      Codec<C> codec,
      NemesisCalls nemesis,
      Observer observer,
      Limits limits) {
    this.environment = environment;
    this.client = client;
    this.codec = codec;
    this.nemesis = nemesis;
    this.observer = observer;
    this.limits = limits;
    this.wake = environment.tasks().newLatch();
  }

  /** Runs to the end. The client is set up before, and torn down by the caller. */
  public End run(Generator<UntypedCall> whole, Context start) {
    if (start.clientThreadCount() != limits.clientThreads) {
      throw new IllegalArgumentException("the context has other threads: " + start);
    }
    generator = whole;
    context = start;
    startNanos = environment.clock().monotonicNanos();
    for (int thread = Context.NEMESIS; thread < limits.clientThreads; thread++) {
      workers.add(new Worker(thread));
    }
    try {
      for (Worker worker : workers) {
        environment.tasks().spawn(worker.name(), worker::run);
      }
      boolean ended = interpret();
      drain();
      int abandoned = abandon();
      return new End(index, abandoned, ended, elapsed());
    } finally {
      stopWorkers();
    }
  }

  /**
   * Calls the generator and acts until it ends or the time is up; returns whether the generator
   * ended.
   */
  private boolean interpret() {
    while (true) {
      if (completeOne()) {
        continue;
      }
      long now = elapsed();
      if (now >= limits.runNanos) {
        return false;
      }
      context = context.withTime(now);
      switch (generator.next(context)) {
        case Step.Exhausted<UntypedCall> _ -> {
          if (busy == 0) {
            return true;
          }
          waitUntil(limits.runNanos);
        }
        case Step.Pending<UntypedCall>(long until, Generator<UntypedCall> rest) -> {
          generator = rest;
          if (busy == 0 && until == Generator.NEVER) {
            throw new IllegalStateException(
                "the generator waits for an event, and nothing is under way");
          }
          waitUntil(until);
        }
        case Step.Emit<UntypedCall>(Act<UntypedCall> act, Generator<UntypedCall> rest) -> {
          if (act.timeNanos() > now) {
            waitUntil(act.timeNanos());
          } else {
            generator = rest;
            context = context.withNextSeed();
            perform(act);
          }
        }
      }
    }
  }

  private void waitUntil(long timeNanos) {
    wake.reset();
    if (done.isEmpty()) {
      long until = Math.min(timeNanos, limits.runNanos);
      wake.await(Math.max(1, until - elapsed()));
    }
  }

  private void perform(Act<UntypedCall> act) {
    int thread = context.threadOf(act.process());
    if (!context.isFree(thread)) {
      throw new IllegalStateException("the generator uses a busy thread: thread=" + thread);
    }
    switch (act) {
      case Act.Log<UntypedCall> log -> observer.log(context.timeNanos(), log.message());
      case Act.Sleep<UntypedCall> _ -> hand(act, thread);
      case Act.Call<UntypedCall> call -> {
        Event<UntypedCall> event =
            thread == Context.NEMESIS
                ? new Event.Info<>(
                    index++, context.timeNanos(), call.process(), call.call(), Details.NONE)
                : new Event.Invoke<>(
                    index++, context.timeNanos(), call.process(), call.call(), Details.NONE);
        observer.event(event);
        context = context.withBusy(thread);
        generator = generator.update(context, event);
        hand(act, thread);
      }
    }
  }

  private void hand(Act<UntypedCall> act, int thread) {
    context = context.withBusy(thread);
    busy++;
    workers.get(thread + 1).hand(act);
  }

  /** Takes one answer, if there is any. */
  private boolean completeOne() {
    Done next = done.poll();
    if (next == null) {
      return false;
    }
    Worker worker = workers.get(next.thread + 1);
    if (worker.isAbandoned || next.number != worker.number) {
      return true;
    }
    busy--;
    Act<UntypedCall> act = worker.current;
    context = context.withTime(elapsed()).withFree(worker.thread);
    if (act instanceof Act.Call) {
      complete(worker, act.process(), next.completion);
    }
    return true;
  }

  private void complete(Worker worker, Process process, Completion<UntypedCall> completion) {
    Event<UntypedCall> event = completion.at(index++, context.timeNanos(), process);
    if (event instanceof Event.Info) {
      context = context.withFreshProcess(worker.thread);
    }
    observer.event(event);
    generator = generator.update(context, event);
  }

  private void drain() {
    long deadline = elapsed() + limits.drainNanos;
    while (busy > 0 && elapsed() < deadline) {
      if (!completeOne()) {
        wake.reset();
        if (done.isEmpty()) {
          wake.await(Math.max(1, deadline - elapsed()));
        }
      }
    }
  }

  /** Completes every open call with an info; later answers are ignored. */
  private int abandon() {
    int clients = 0;
    for (Worker worker : workers) {
      if (worker.thread != Context.NEMESIS && !context.isFree(worker.thread)) {
        context = context.withTime(elapsed()).withFree(worker.thread);
        worker.isAbandoned = true;
        if (worker.current instanceof Act.Call<UntypedCall> call) {
          clients++;
          Details details =
              Details.builder()
                  .error(Completion.error("no-answer", "no answer when the run ended"))
                  .build();
          complete(worker, call.process(), new Completion.Info<>(call.call(), details));
        }
      }
    }
    return clients;
  }

  /** Lets idle workers close their sessions; does not wait for one that hangs in a call. */
  private void stopWorkers() {
    for (Worker worker : workers) {
      worker.stop();
    }
    long deadline = elapsed() + limits.drainNanos;
    for (Worker worker : workers) {
      if (!worker.isAbandoned && context.isFree(worker.thread)) {
        worker.ended.await(Math.max(1, deadline - elapsed()));
      }
    }
  }

  private long elapsed() {
    return environment.clock().monotonicNanos() - startNanos;
  }

  /** One task. The interpreter gives it an act and learns of its end through {@link #done}. */
  private final class Worker {
    private final int thread;
    private final Latch inbox = environment.tasks().newLatch();
    private final Latch ended = environment.tasks().newLatch();
    private final AtomicReference<List<Act<UntypedCall>>> next = new AtomicReference<>(List.of());
    private volatile boolean isStopped;

    /** The interpreter's view of this worker; the task itself does not touch these. */
    private long number;

    private Act<UntypedCall> current;
    private boolean isAbandoned;

    /** The task's own: the session, for the process that it was opened for. */
    private final List<Client.Session<C>> session = new ArrayList<>();

    Worker(int thread) {
      this.thread = thread;
    }

    String name() {
      return thread == Context.NEMESIS ? "nemesis" : "client-" + thread;
    }

    void hand(Act<UntypedCall> act) {
      current = act;
      number++;
      next.set(List.of(act));
      inbox.set();
    }

    void stop() {
      isStopped = true;
      inbox.set();
    }

    void run() {
      for (long finished = 1; ; finished++) {
        List<Act<UntypedCall>> acts = await();
        if (acts.isEmpty()) {
          break;
        }
        done.add(new Done(thread, finished, act(acts.getFirst())));
        wake.set();
      }
      closeSession();
      ended.set();
    }

    private List<Act<UntypedCall>> await() {
      while (true) {
        inbox.reset();
        List<Act<UntypedCall>> acts = next.getAndSet(List.of());
        if (!acts.isEmpty() || isStopped) {
          return acts;
        }
        inbox.await();
      }
    }

    private Completion<UntypedCall> act(Act<UntypedCall> act) {
      return switch (act) {
        case Act.Sleep<UntypedCall> sleep -> {
          environment.tasks().sleep(sleep.nanos());
          yield new Completion.Info<>(new UntypedCall(Edn.NIL, Edn.NIL), Details.NONE);
        }
        case Act.Log<UntypedCall> _ -> throw new IllegalStateException("a log is no work");
        case Act.Call<UntypedCall> call ->
            thread == Context.NEMESIS ? disturb(call.call()) : invoke(call);
      };
    }

    private Completion<UntypedCall> disturb(UntypedCall call) {
      try {
        Completion<UntypedCall> completion = nemesis.invoke(call);
        return new Completion.Info<>(completion.call(), completion.details());
      } catch (Throwable escaped) {
        return new Completion.Info<>(call, escapedDetails(escaped));
      }
    }

    private Completion<UntypedCall> invoke(Act.Call<UntypedCall> act) {
      Process.Client process = (Process.Client) act.process();
      try {
        if (session.isEmpty()) {
          session.add(client.open(thread, process));
        }
      } catch (Throwable escaped) {
        Details details =
            Details.builder().error(Completion.error("no-client", describe(escaped))).build();
        return new Completion.Fail<>(act.call(), details);
      }
      Completion<UntypedCall> completion;
      try {
        C call = codec.decode(act.call());
        completion =
            encoded(
                session
                    .getFirst()
                    .invoke(new Event.Invoke<>(-1, act.timeNanos(), process, call, Details.NONE)));
      } catch (Throwable escaped) {
        completion = new Completion.Info<>(act.call(), escapedDetails(escaped));
      }
      if (completion instanceof Completion.Info) {
        closeSession();
      }
      return completion;
    }

    private void closeSession() {
      for (Client.Session<C> open : session) {
        try {
          open.close();
        } catch (Throwable _) {
          // A session that cannot be closed counts as closed: its process is dead.
        }
      }
      session.clear();
    }
  }

  private Completion<UntypedCall> encoded(Completion<C> completion) {
    return switch (completion) {
      case Completion.Ok<C>(C call, Details details) ->
          new Completion.Ok<>(codec.encode(call), details);
      case Completion.Fail<C>(C call, Details details) ->
          new Completion.Fail<>(codec.encode(call), details);
      case Completion.Info<C>(C call, Details details) ->
          new Completion.Info<>(codec.encode(call), details);
    };
  }

  private static Details escapedDetails(Throwable escaped) {
    return Details.builder().error(Completion.error("escaped", describe(escaped))).build();
  }

  private static String describe(Throwable escaped) {
    String message = escaped.getMessage();
    String name = escaped.getClass().getName();
    return message == null ? name : name + ": " + message;
  }
}
