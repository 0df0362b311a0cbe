package phaistos.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import phaistos.checker.CheckContext;
import phaistos.checker.transactions.ConsistencyModel;
import phaistos.checker.transactions.DataType;
import phaistos.checker.transactions.MicroOp;
import phaistos.checker.transactions.TransactionChecker;
import phaistos.checker.transactions.TransactionOptions;
import phaistos.checker.transactions.Transactions;
import phaistos.checker.transactions.TransactionsBuilder;
import phaistos.checker.transactions.TransactionsResult;
import phaistos.checker.transactions.TxnCall;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.Process;

/**
 * {@code phaistos bench registers [LARGEST [MODEL [SVG]]]}: how the check of registers grows, by
 * consistency model; draws the plot of the docs. Sessions of one replica each, which shows all
 * commits up to some point and then its own: causal, but not serializable. The sizes are those of
 * published measurements (50 sessions of 200 transactions of 20 steps). The median of three rounds,
 * the first not counted.
 */
final class RegistersBench {
  private static final long SEED = 20_260_102;
  private static final int ROUNDS = 4;

  private final int sessions;
  private final int perSession;
  private final int steps;
  private final int keys;
  private final SplittableRandom random = new SplittableRandom(SEED);

  private RegistersBench(int sessions, int perSession, int steps, int keys) {
    this.sessions = sessions;
    this.perSession = perSession;
    this.steps = steps;
    this.keys = keys;
  }

  static int run(String[] arguments) throws IOException {
    int largest = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
    System.out.println(
        "model                      sessions     txns steps/txn   check s     cpu s  verdict");
    String only = arguments.length > 1 ? arguments[1] : "";
    List<GrowthPlot.Series> all = new ArrayList<>();
    for (ConsistencyModel model :
        new ConsistencyModel[] {ConsistencyModel.CAUSAL, ConsistencyModel.CAUSAL_CERONE}) {
      if (model.label().startsWith(only)) {
        List<GrowthPlot.Point> points = new ArrayList<>();
        for (int perSession : new int[] {50, 100, 200, 400}) {
          points.add(new RegistersBench(50, perSession, 20, 1_000).measure(model, true));
        }
        all.add(new GrowthPlot.Series(model.label() + ", 50 sessions, 20 steps", points));
      }
    }
    for (ConsistencyModel model :
        new ConsistencyModel[] {ConsistencyModel.READ_ATOMIC, ConsistencyModel.PL_3}) {
      if (model.label().startsWith(only)) {
        List<GrowthPlot.Point> points = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
          int txns = (int) ((long) largest * i / 5);
          boolean lags = model == ConsistencyModel.READ_ATOMIC;
          points.add(
              new RegistersBench(10, txns / 10, 4, Math.max(100, txns / 10)).measure(model, lags));
        }
        all.add(new GrowthPlot.Series(model.label() + ", 10 sessions, 4 steps", points));
      }
    }
    if (arguments.length > 2) {
      Files.writeString(Path.of(arguments[2]), GrowthPlot.svg("transactions", all));
    }
    return 0;
  }

  /** With lagging replicas, or all on one store. */
  private GrowthPlot.Point measure(ConsistencyModel model, boolean lags) {
    Transactions txns = transactions(lags);
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    double[] seconds = new double[ROUNDS - 1];
    double[] cpu = new double[ROUNDS - 1];
    String verdict = "";
    for (int round = 0; round < ROUNDS; round++) {
      System.gc();
      long start = System.nanoTime();
      long worked = system.getProcessCpuTime();
      TransactionsResult result =
          new TransactionChecker(DataType.RW_REGISTER, TransactionOptions.DEFAULT.withModels(model))
              .check(txns, CheckContext.UNLIMITED);
      if (round > 0) {
        seconds[round - 1] = (System.nanoTime() - start) / 1e9;
        cpu[round - 1] = (system.getProcessCpuTime() - worked) / 1e9;
      }
      verdict = result.verdict().word() + " " + result.anomalies();
    }
    Arrays.sort(seconds);
    Arrays.sort(cpu);
    double median = seconds[seconds.length / 2];
    System.out.printf(
        Locale.ROOT,
        "%-26s %8d %8d %9d %9.3f %9.3f  %s%n",
        model.label(),
        sessions,
        txns.size(),
        steps,
        median,
        cpu[cpu.length / 2],
        verdict);
    return new GrowthPlot.Point(txns.size(), cpu[cpu.length / 2]);
  }

  /** What a replica holds of a key: a value, and which transaction wrote it. */
  private record Held(int value, int by) {}

  private Transactions transactions(boolean lags) {
    TransactionsBuilder builder = new TransactionsBuilder(DataType.RW_REGISTER);
    List<Map<Integer, Held>> commits = new ArrayList<>();
    int[] applied = new int[sessions];
    List<Map<Integer, Held>> replicas = new ArrayList<>();
    for (int session = 0; session < sessions; session++) {
      replicas.add(lags || session == 0 ? new HashMap<>() : replicas.getFirst());
    }
    int[] written = new int[keys];
    long events = 0;
    for (int i = 0; i < sessions * perSession; i++) {
      int session = i % sessions;
      Map<Integer, Held> replica = replicas.get(session);
      int until = lags ? commits.size() - random.nextInt(2 * sessions) : 0;
      for (; applied[session] < until; applied[session]++) {
        apply(replica, commits.get(applied[session]));
      }
      Map<Integer, Held> own = new HashMap<>();
      List<MicroOp> ops = new ArrayList<>();
      for (int step = 0; step < steps; step++) {
        int key = random.nextInt(keys);
        if (random.nextBoolean()) {
          own.put(key, new Held(++written[key], i));
          ops.add(new MicroOp.Write(Edn.of(key), Edn.of(written[key])));
        } else {
          Held held = own.containsKey(key) ? own.get(key) : replica.get(key);
          Edn value = held == null ? Edn.NIL : Edn.of(held.value);
          ops.add(new MicroOp.ReadRegister(Edn.of(key), value));
        }
      }
      apply(replica, own);
      if (lags) {
        commits.add(own);
      }
      TxnCall call = new TxnCall(ops);
      Process process = new Process.Client(session);
      builder.addTyped(new Event.Invoke<>(events++, -1, process, call, Details.NONE));
      builder.addTyped(new Event.Ok<>(events++, -1, process, call, Details.NONE));
    }
    return builder.build();
  }

  /** The later transaction's write stays, in whatever order they arrive. */
  private static void apply(Map<Integer, Held> replica, Map<Integer, Held> writes) {
    writes.forEach((key, held) -> replica.merge(key, held, (a, b) -> a.by > b.by ? a : b));
  }
}
