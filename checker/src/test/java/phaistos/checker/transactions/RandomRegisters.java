package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.Process;

/**
 * Random histories over registers: transactions of some processes, overlapping or not, that run on
 * one store, of whose reads some see another version than the last one. Some fail or stay pending.
 */
final class RandomRegisters {
  private final SplittableRandom random;

  RandomRegisters(SplittableRandom random) {
    this.random = random;
  }

  Transactions next(int transactions, int keys) {
    List<Event<TxnCall>> events = new ArrayList<>();
    List<List<Integer>> versions = new ArrayList<>();
    for (int key = 0; key < keys; key++) {
      versions.add(new ArrayList<>());
    }
    int processes = 1 + random.nextInt(4);
    double wrong = random.nextInt(5) == 0 ? 0 : 0.3 + 0.6 * random.nextDouble();
    List<List<MicroOp>> plans = new ArrayList<>();
    int[] written = new int[keys];
    for (int i = 0; i < transactions; i++) {
      plans.add(plan(keys, written));
    }
    boolean overlap = random.nextBoolean();
    int[] open = new int[processes];
    boolean[] crashed = new boolean[processes];
    java.util.Arrays.fill(open, -1);
    int next = 0;
    int done = 0;
    while (done < transactions) {
      int process = random.nextInt(processes);
      boolean isOnlyOne = true;
      for (int other : open) {
        isOnlyOne &= other < 0;
      }
      if (open[process] < 0 && next < transactions && (overlap || isOnlyOne)) {
        int id = crashed[process] ? process + processes * (1 + next) : process;
        open[process] = next * 1000 + id;
        events.add(event(0, events.size(), id, plans.get(next++), versions, wrong));
      } else if (open[process] >= 0) {
        int plan = open[process] / 1000;
        int id = open[process] % 1000;
        int end = random.nextInt(20);
        int kind = end == 0 ? 3 : end <= 2 ? 2 : 1;
        events.add(event(kind, events.size(), id, plans.get(plan), versions, wrong));
        crashed[process] |= kind == 2;
        open[process] = -1;
        done++;
      }
    }
    TransactionsBuilder builder = new TransactionsBuilder(DataType.RW_REGISTER);
    events.forEach(builder::addTyped);
    return builder.build();
  }

  private List<MicroOp> plan(int keys, int[] written) {
    List<MicroOp> steps = new ArrayList<>();
    int length = 1 + random.nextInt(4);
    for (int i = 0; i < length; i++) {
      int key = random.nextInt(keys);
      steps.add(
          random.nextInt(5) < 2
              ? new MicroOp.Write(Edn.of(key), Edn.of(++written[key]))
              : new MicroOp.ReadRegister(Edn.of(key), Edn.NIL));
    }
    return steps;
  }

  private Event<TxnCall> event(
      int kind,
      int index,
      int process,
      List<MicroOp> plan,
      List<List<Integer>> versions,
      double wrong) {
    Process client = new Process.Client(process);
    if (kind == 0) {
      return new Event.Invoke<>(index, -1, client, new TxnCall(plan), Details.NONE);
    }
    boolean happened = kind == 1 || (kind == 2 && random.nextBoolean());
    List<MicroOp> steps = new ArrayList<>();
    for (MicroOp step : plan) {
      int key = (int) ((Edn.Int) step.key()).value();
      List<Integer> ofKey = versions.get(key);
      if (step instanceof MicroOp.Write write) {
        if (happened) {
          ofKey.add((int) ((Edn.Int) write.value()).value());
        }
        steps.add(write);
      } else {
        int seen = ofKey.size();
        if (random.nextDouble() < wrong) {
          seen = random.nextInt(ofKey.size() + 1);
        }
        Edn value = seen == 0 ? Edn.NIL : Edn.of(ofKey.get(seen - 1));
        steps.add(new MicroOp.ReadRegister(step.key(), kind == 1 ? value : Edn.NIL));
      }
    }
    TxnCall call = new TxnCall(steps);
    return switch (kind) {
      case 1 -> new Event.Ok<>(index, -1, client, call, Details.NONE);
      case 2 -> new Event.Info<>(index, -1, client, call, Details.NONE);
      default -> new Event.Fail<>(index, -1, client, call, Details.NONE);
    };
  }
}
