package phaistos.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import phaistos.checker.CheckContext;
import phaistos.checker.linearizability.Collector;
import phaistos.checker.linearizability.Linearizability;
import phaistos.checker.linearizability.models.CasRegister;
import phaistos.checker.linearizability.models.Independent;
import phaistos.checker.linearizability.models.NamedModel;
import phaistos.checker.linearizability.models.RegisterCall;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/**
 * {@code phaistos bench linearizability-scale [SVG]}: processor time to check valid histories by
 * their length: a million operations over 1,000 registers by 20 processes of which 1 % crash,
 * 100,000 on one register by 10 processes, and a million on one queue, by 20 processes of which 1 %
 * crash. Draws the plot of the docs. Then a million on a stack and on a priority queue.
 */
final class LinearizabilityScale {
  private static final int POINTS = 8;
  private static final int VALUES = 5;
  private static final int CONTAINER_PROCESSES = 20;

  private LinearizabilityScale() {}

  static int run(String[] arguments) throws IOException {
    List<GrowthPlot.Series> all = new ArrayList<>();
    all.add(
        series(
            "1,000 registers, 20 processes, 1 % crashed",
            1_000_000, count -> check(count, 1_000, 20, 0.01)));
    all.add(series("one register, 10 processes", 100_000, count -> check(count, 1, 10, 0)));
    all.add(
        series(
            "one queue, 20 processes, 1 % crashed",
            1_000_000, count -> check(ContainerHistories.Kind.FIFO_QUEUE, count, 0.01)));
    if (arguments.length > 0) {
      Files.writeString(Path.of(arguments[0]), GrowthPlot.svg("operations", all));
    }
    for (ContainerHistories.Kind kind : ContainerHistories.Kind.values()) {
      for (double crashing : new double[] {0, 0.01}) {
        System.out.printf(
            Locale.ROOT,
            "%s, 20 processes, %.0f %% crashed: 1,000,000 operations %.2f s%n",
            kind.model,
            100 * crashing,
            check(kind, 1_000_000, crashing));
      }
    }
    return 0;
  }

  /** Processor seconds from the first event to the verdict; making the events is within. */
  private static double check(ContainerHistories.Kind kind, int operations, double crashing) {
    return check(NamedModel.named(kind.model, Optional.empty()), kind, operations, crashing);
  }

  private static <S, C> double check(
      NamedModel<S, C> named, ContainerHistories.Kind kind, int operations, double crashing) {
    ContainerHistories workload =
        new ContainerHistories(kind, operations, CONTAINER_PROCESSES, crashing);
    Collector<S, C> collector = new Collector<>(named.model());
    double start = processorSeconds();
    workload.run(event -> collector.add(event, named.decoder()));
    String verdict =
        Linearizability.of(named.model())
            .check(collector, CheckContext.within(20_000_000_000L))
            .verdict()
            .word();
    double seconds = processorSeconds() - start;
    if (verdict.equals("invalid")) {
      throw new IllegalStateException("a correct " + kind.model + "'s history is " + verdict);
    }
    return verdict.equals("valid") ? seconds : Double.NaN;
  }

  /** Of all threads of this JVM, so that it matters little what else the machine does. */
  private static double processorSeconds() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
  }

  private static GrowthPlot.Series series(String name, int operations, IntToDoubleFunction check) {
    System.out.println(name);
    List<GrowthPlot.Point> points = new ArrayList<>();
    check.applyAsDouble(operations / POINTS);
    for (int i = 1; i <= POINTS; i++) {
      int count = (int) ((long) operations * i / POINTS);
      double seconds = check.applyAsDouble(count);
      Runtime runtime = Runtime.getRuntime();
      System.out.printf(
          Locale.ROOT,
          "  %,9d operations %7.2f s, heap in use %d MB of %d%n",
          count,
          seconds,
          (runtime.totalMemory() - runtime.freeMemory()) >> 20,
          runtime.maxMemory() >> 20);
      points.add(new GrowthPlot.Point(count, seconds));
    }
    return new GrowthPlot.Series(name, points);
  }

  /**
   * Processor seconds from the first event to the verdict; making the events is within, and small.
   */
  private static double check(int operations, int keys, int processes, double crashing) {
    NamedModel<?, ?> named = NamedModel.named("cas-register", Optional.empty());
    return named.model() instanceof CasRegister register
        ? check(register, operations, keys, processes, crashing)
        : Double.NaN;
  }

  private static double check(
      CasRegister register, int operations, int keys, int processes, double crashing) {
    var model = new Independent<>(register);
    Collector<Edn, Independent.Call<RegisterCall>> collector = new Collector<>(model);
    double start = processorSeconds();
    new Workload(keys, processes, crashing)
        .run(
            operations,
            event ->
                collector.add(
                    event,
                    (_, call) -> {
                      List<Edn> pair = call.value().elements();
                      UntypedCall inner = new UntypedCall(call.f(), pair.get(1));
                      return new Independent.Call<>(pair.get(0), RegisterCall.decode(inner));
                    }));
    String verdict =
        Linearizability.of(model).check(collector, CheckContext.UNLIMITED).verdict().word();
    if (!verdict.equals("valid")) {
      throw new IllegalStateException("a correct register's history is " + verdict);
    }
    return processorSeconds() - start;
  }

  /** Registers that behave, and processes that call them; seeded. */
  private static final class Workload {
    private final Random random = new Random(4);
    private final int[] held;
    private final Call[] running;
    private final double crashing;
    private long fresh;
    private long index;

    private record Call(
        long process, int key, String f, int a, int b, int seen, boolean isDone, boolean isMatch) {
      Edn value(boolean isOk) {
        Edn inner =
            switch (f) {
              case "read" -> isOk ? Edn.of(seen) : Edn.NIL;
              case "write" -> Edn.of(a);
              default -> Edn.vector(Edn.of(a), Edn.of(b));
            };
        return Edn.vector(Edn.of(key), inner);
      }
    }

    Workload(int keys, int processes, double crashing) {
      this.held = new int[keys];
      this.running = new Call[processes];
      this.crashing = crashing;
      java.util.Arrays.fill(held, -1);
    }

    void run(int operations, java.util.function.Consumer<Event<UntypedCall>> out) {
      for (int started = 0; started < operations; ) {
        int thread = random.nextInt(running.length);
        if (running[thread] == null) {
          running[thread] = invoke(out);
          started++;
        } else if (!running[thread].isDone && random.nextInt(3) > 0) {
          running[thread] = take(running[thread]);
        } else {
          complete(running[thread], out);
          running[thread] = null;
        }
      }
    }

    private Call invoke(java.util.function.Consumer<Event<UntypedCall>> out) {
      int kind = random.nextInt(10);
      String f = kind < 5 ? "read" : kind < 8 ? "write" : "cas";
      Call call =
          new Call(
              fresh++ % 1_000_000_007L,
              random.nextInt(held.length),
              f,
              random.nextInt(VALUES),
              random.nextInt(VALUES),
              -1,
              false,
              false);
      out.accept(
          new Event.Invoke<>(
              index++, -1, new Process.Client(call.process), untyped(call, false), Details.NONE));
      return call;
    }

    /** The call takes effect, at some moment before it returns. */
    private Call take(Call call) {
      int before = held[call.key];
      boolean isMatch = !call.f.equals("cas") || before == call.a;
      if (isMatch && !call.f.equals("read")) {
        held[call.key] = call.f.equals("write") ? call.a : call.b;
      }
      return new Call(call.process, call.key, call.f, call.a, call.b, before, true, isMatch);
    }

    private void complete(Call running, java.util.function.Consumer<Event<UntypedCall>> out) {
      boolean isCrashing = random.nextDouble() < crashing;
      Call call = running.isDone || isCrashing ? running : take(running);
      Process who = new Process.Client(call.process);
      if (isCrashing) {
        out.accept(new Event.Info<>(index++, -1, who, untyped(call, false), Details.NONE));
      } else if (call.isMatch) {
        boolean isUnknown = call.f.equals("read") && call.seen < 0;
        out.accept(new Event.Ok<>(index++, -1, who, untyped(call, !isUnknown), Details.NONE));
      } else {
        out.accept(new Event.Fail<>(index++, -1, who, untyped(call, false), Details.NONE));
      }
    }

    private static UntypedCall untyped(Call call, boolean isOk) {
      return new UntypedCall(Edn.keyword(call.f), call.value(isOk));
    }
  }
}
