package phaistos.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
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
 * {@code phaistos bench transactions [LARGEST]}: how long histories of growing size take to check,
 * and how much memory: lists and registers, valid and not. Then one component in which a hundred
 * thousand transactions depend on each other.
 *
 * <p>Transactions are Jepsen's: one to four steps, reads and writes alike, ten keys at a time of
 * which the first is used most, 32 writes a key; ten processes. "take" is from events to columns,
 * "check" from there to the verdict, both on one thread. The rates are by CPU time, which tells
 * more than the clock on a busy machine.
 */
final class TransactionsBench {
  private static final int PROCESSES = 10;
  private static final int KEYS = 10;
  private static final int WRITES_PER_KEY = 32;
  private static final int BATCH = 20_000;
  private static final long SEED = 20_260_101;

  private final DataType type;
  private final int count;
  private final int staleEvery;
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Map<Integer, List<Edn>> lists = new HashMap<>();
  private final int[] active = new int[KEYS];
  private final int[] written;
  private final List<Integer> retired = new ArrayList<>();
  private int nextKey = KEYS;
  private long events;

  private TransactionsBench(DataType type, int count, int staleEvery) {
    this.type = type;
    this.count = count;
    this.staleEvery = staleEvery;
    written = new int[KEYS];
    for (int i = 0; i < KEYS; i++) {
      active[i] = i;
    }
  }

  static int run(String[] arguments) {
    int largest = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
    System.out.println(
        "what                     txns    take s     cpu s   check s     cpu s"
            + "   check txns/s   both txns/s   heap MB  verdict");
    // The first round of each only warms up.
    for (DataType type : DataType.values()) {
      new TransactionsBench(type, 100_000, 0).measure(false);
      new TransactionsBench(type, 100_000, 0).measure(false);
    }
    for (DataType type : DataType.values()) {
      for (int staleEvery : new int[] {0, 1_000}) {
        for (int size : new int[] {10_000, 100_000, 1_000_000, 5_000_000}) {
          if (size <= largest) {
            new TransactionsBench(type, size, staleEvery).measure(true);
          }
        }
      }
    }
    component(100_000);
    return 0;
  }

  private void measure(boolean shown) {
    TransactionsBuilder builder = new TransactionsBuilder(type);
    int left = count;
    List<Event<TxnCall>> batch = new ArrayList<>();
    Stopwatch take = new Stopwatch();
    while (left > 0) {
      batch.clear();
      for (int i = 0; i < BATCH && left > 0; i += PROCESSES, left -= PROCESSES) {
        addRound(batch);
      }
      take.start();
      batch.forEach(builder::addTyped);
      take.stop();
    }
    take.start();
    Transactions txns = builder.build();
    take.stop();
    lists.clear();
    Stopwatch check = new Stopwatch();
    check.start();
    TransactionOptions options =
        TransactionOptions.DEFAULT
            .withModels(ConsistencyModel.PL_SS)
            .withKeys(new TransactionOptions.RegisterKeys(true, false, false, Map.of()));
    TransactionsResult result =
        new TransactionChecker(type, options).check(txns, CheckContext.UNLIMITED);
    check.stop();
    if (shown) {
      String name = type.label() + (staleEvery == 0 ? " valid" : " stale reads");
      System.out.printf(
          Locale.ROOT,
          "%-22s %8d %9.3f %9.3f %9.3f %9.3f %,13.0f %,13.0f %9d  %s%n",
          name,
          txns.size(),
          take.seconds(),
          take.cpuSeconds(),
          check.seconds(),
          check.cpuSeconds(),
          txns.size() / check.cpuSeconds(),
          txns.size() / (take.cpuSeconds() + check.cpuSeconds()),
          usedMegabytes(txns),
          result.verdict().word() + " " + result.counts());
    }
  }

  /** Time by the clock, and what all threads worked, the collector's and the compiler's too. */
  private static final class Stopwatch {
    private static final OperatingSystemMXBean SYSTEM =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private long nanos;
    private long cpuNanos;

    void start() {
      nanos -= System.nanoTime();
      cpuNanos -= SYSTEM.getProcessCpuTime();
    }

    void stop() {
      cpuNanos += SYSTEM.getProcessCpuTime();
      nanos += System.nanoTime();
    }

    double seconds() {
      return nanos / 1e9;
    }

    double cpuSeconds() {
      return cpuNanos / 1e9;
    }
  }

  /** What is in use after a collection, these transactions included. */
  private static long usedMegabytes(Transactions kept) {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    long used = (runtime.totalMemory() - runtime.freeMemory()) >> 20;
    return kept.size() > 0 ? used : -1;
  }

  /** All processes invoke, and complete in another order: the one in which they take effect. */
  private void addRound(List<Event<TxnCall>> out) {
    List<TxnCall> calls = new ArrayList<>();
    for (int process = 0; process < PROCESSES; process++) {
      TxnCall call = call();
      calls.add(call);
      out.add(new Event.Invoke<>(events++, -1, new Process.Client(process), call, Details.NONE));
    }
    int shift = random.nextInt(PROCESSES);
    for (int i = 0; i < PROCESSES; i++) {
      int process = (i + shift) % PROCESSES;
      TxnCall done = apply(calls.get(process));
      out.add(new Event.Ok<>(events++, -1, new Process.Client(process), done, Details.NONE));
    }
    retired.forEach(lists::remove);
    retired.clear();
  }

  private TxnCall call() {
    List<MicroOp> steps = new ArrayList<>();
    int length = 1 + random.nextInt(4);
    for (int i = 0; i < length; i++) {
      int place = Math.min(KEYS - 1, Long.numberOfTrailingZeros(random.nextLong() | 1L << 40));
      Edn key = Edn.of(active[place]);
      if (random.nextBoolean()) {
        steps.add(
            type == DataType.LIST_APPEND
                ? new MicroOp.ReadList(key, java.util.Optional.empty())
                : new MicroOp.ReadRegister(key, Edn.NIL));
        continue;
      }
      Edn value = Edn.of(++written[place]);
      steps.add(
          type == DataType.LIST_APPEND
              ? new MicroOp.Append(key, value)
              : new MicroOp.Write(key, value));
      if (written[place] == WRITES_PER_KEY) {
        written[place] = 0;
        retired.add(active[place]);
        active[place] = nextKey++;
      }
    }
    return new TxnCall(steps);
  }

  private TxnCall apply(TxnCall call) {
    boolean stale = staleEvery > 0 && random.nextInt(staleEvery) == 0;
    List<MicroOp> steps = new ArrayList<>();
    for (MicroOp step : call.steps()) {
      int key = (int) ((Edn.Int) step.key()).value();
      List<Edn> list = lists.computeIfAbsent(key, _ -> new ArrayList<>());
      int seen = stale ? Math.max(0, list.size() - 1) : list.size();
      steps.add(
          switch (step) {
            case MicroOp.Append append -> {
              list.add(append.element());
              yield append;
            }
            case MicroOp.Write write -> {
              list.add(write.value());
              yield write;
            }
            case MicroOp.ReadList read ->
                new MicroOp.ReadList(read.key(), java.util.Optional.of(list.subList(0, seen)));
            case MicroOp.ReadPredicate read -> read;
            case MicroOp.ReadRegister read ->
                new MicroOp.ReadRegister(read.key(), seen == 0 ? Edn.NIL : list.get(seen - 1));
          });
    }
    return new TxnCall(steps);
  }

  /** A ring of reads, each of which misses the append before it, with chords in between. */
  private static void component(int size) {
    SplittableRandom random = new SplittableRandom(SEED);
    TransactionsBuilder builder = new TransactionsBuilder(DataType.LIST_APPEND);
    for (int i = 0; i < size; i++) {
      List<MicroOp> steps = new ArrayList<>();
      steps.add(new MicroOp.Append(Edn.of(i), Edn.of(1)));
      steps.add(read((i + 1) % size, false));
      steps.add(read((i + 1 + random.nextInt(size / 100)) % size, false));
      builder.addTyped(
          new Event.Ok<>(
              i, -1, new Process.Client(i % PROCESSES), new TxnCall(steps), Details.NONE));
    }
    Transactions txns = builder.build();
    for (int seconds : new int[] {5, 20}) {
      long start = System.nanoTime();
      TransactionsResult result =
          new TransactionChecker(
                  DataType.LIST_APPEND,
                  TransactionOptions.DEFAULT
                      .withModels(ConsistencyModel.PL_3)
                      .withComponentMillis(seconds * 1_000L))
              .check(txns, CheckContext.UNLIMITED);
      System.out.printf(
          Locale.ROOT,
          "a component of %d, %d s a component: %.1f s, %s %s%n  %s%n",
          result.statistics().largestComponent(),
          seconds,
          (System.nanoTime() - start) / 1e9,
          result.verdict().word(),
          result.counts(),
          String.join("; ", result.notes()));
    }
  }

  private static MicroOp read(int key, boolean seen) {
    List<Edn> list = seen ? List.of(Edn.of(1)) : List.of();
    return new MicroOp.ReadList(Edn.of(key), java.util.Optional.of(list));
  }
}
