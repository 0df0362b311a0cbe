package phaistos.checker.transactions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.checker.transactions.SimulatedDatabase.Strength;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;

/**
 * Small random histories, up to five transactions over three keys, compared with brute force: all
 * orders of the transactions that committed, and of any of those that may have; and all cycles of a
 * graph made here from the definitions. {@code -Dphaistos.histories=200000} for a long run.
 */
class BruteForceTest {
  private static final int HISTORIES = Integer.getInteger("phaistos.histories", 6_000);
  private static final long SEED = Long.getLong("phaistos.seed", 7);

  private final SplittableRandom random = new SplittableRandom(SEED);

  @Test
  void neverAccusesWhatASerialOrderExplainsAndAlwaysWhatNoneDoes() {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < HISTORIES; i++) {
      List<Event<TxnCall>> events = history(i);
      Transactions txns = transactions(events);
      boolean strict = random.nextBoolean();
      TransactionsResult result =
          new TransactionChecker(
                  DataType.LIST_APPEND,
                  TransactionOptions.DEFAULT.withModels(
                      strict ? ConsistencyModel.PL_SS : ConsistencyModel.PL_3))
              .check(txns, CheckContext.UNLIMITED);
      boolean serial = new Orders(txns, strict).explains();
      boolean isInvalid = result.verdict() instanceof Verdict.Invalid;
      String where = "seed " + SEED + ", history " + i + ", strict " + strict + "\n" + text(txns);
      if (result.verdict() instanceof Verdict.Valid) {
        checkCertificate(txns, strict, result, where);
      }
      if (serial) {
        assertTrue(!isInvalid, () -> where + result);
      } else if (knowsAllVersions(txns)) {
        assertTrue(isInvalid, () -> where + result);
      }
      counts.merge(
          (serial ? "serial" : "not serial") + (isInvalid ? ", flagged" : ", not flagged"),
          1,
          Integer::sum);
      checkWitnesses(txns, result, strict, where);
    }
    System.out.println("compared " + HISTORIES + " list histories: " + counts);
    assertTrue(counts.getOrDefault("not serial, flagged", 0) > HISTORIES / 20, counts::toString);
    assertTrue(counts.getOrDefault("serial, not flagged", 0) > HISTORIES / 20, counts::toString);
  }

  /**
   * The order shown is right, and with two transactions exchanged exactly if running it says so.
   */
  private void checkCertificate(
      Transactions txns, boolean strict, TransactionsResult result, String where) {
    ConsistencyModel model = strict ? ConsistencyModel.PL_SS : ConsistencyModel.PL_3;
    Certificate certificate = result.certificates().get(model);
    int[] moments = certificate.moments();
    assertTrue(new Orders(txns, strict).isRight(certificate.commits()), () -> where + result);
    assertTrue(CertificateVerifier.verify(txns, certificate).isEmpty(), () -> where + result);
    int one = random.nextInt(moments.length / 2);
    int other = random.nextInt(moments.length / 2);
    for (int i = 0; i < 2; i++) {
      int moment = moments[2 * one + i];
      moments[2 * one + i] = moments[2 * other + i];
      moments[2 * other + i] = moment;
    }
    Certificate changed = new Certificate(certificate.form(), certificate.outside(), moments);
    assertEquals(
        new Orders(txns, strict).isRight(changed.commits()),
        CertificateVerifier.verify(txns, changed).isEmpty(),
        () -> where + result + java.util.Arrays.toString(moments));
  }

  @Test
  void neverAccusesRegistersThatASerialOrderExplains() {
    int flagged = 0;
    for (int i = 0; i < HISTORIES; i++) {
      Transactions txns = Transactions.ofUntyped(DataType.RW_REGISTER, registers(history(i)));
      boolean strict = random.nextBoolean();
      // In a serial order writes follow reads; and in a strict one keys are linearizable.
      TransactionOptions options =
          TransactionOptions.DEFAULT
              .withModels(strict ? ConsistencyModel.PL_SS : ConsistencyModel.PL_3)
              .withKeys(
                  new TransactionOptions.RegisterKeys(
                      random.nextBoolean(),
                      strict && random.nextBoolean(),
                      strict && random.nextBoolean(),
                      Map.of()));
      TransactionsResult result =
          new TransactionChecker(DataType.RW_REGISTER, options).check(txns, CheckContext.UNLIMITED);
      if (result.verdict() instanceof Verdict.Invalid) {
        flagged++;
        int history = i;
        assertTrue(
            !new Orders(txns, strict).explains(),
            () -> "seed " + SEED + ", history " + history + "\n" + text(txns) + result);
      }
    }
    System.out.println("compared " + HISTORIES + " register histories: " + flagged + " flagged");
    assertTrue(flagged > HISTORIES / 50, "flagged " + flagged);
  }

  /** From a database of any strength, or with reads that are drawn at random. */
  private List<Event<TxnCall>> history(int i) {
    Strength strength = Strength.values()[random.nextInt(Strength.values().length)];
    List<Event<TxnCall>> events =
        new SimulatedDatabase(strength, SEED * 1_000_003 + i, 3, 1 + random.nextInt(3), 3)
            .run(2 + random.nextInt(4));
    List<Event<TxnCall>> changed = new ArrayList<>();
    for (Event<TxnCall> event : events) {
      if (event instanceof Event.Ok && random.nextInt(8) == 0) {
        changed.add(info(event));
      } else {
        changed.add(event);
      }
    }
    return changed;
  }

  private static Event<TxnCall> info(Event<TxnCall> ok) {
    List<MicroOp> steps = new ArrayList<>();
    for (MicroOp step : ok.call().steps()) {
      steps.add(
          step instanceof MicroOp.ReadList read
              ? new MicroOp.ReadList(read.key(), java.util.Optional.empty())
              : step);
    }
    return new Event.Info<>(ok.index(), 0, ok.process(), new TxnCall(steps), Details.NONE);
  }

  private static Transactions transactions(List<Event<TxnCall>> events) {
    TransactionsBuilder builder = new TransactionsBuilder(DataType.LIST_APPEND);
    events.forEach(builder::addTyped);
    return builder.build();
  }

  /** The same over registers: an append is a write, and a read sees the last element. */
  private static List<Event<phaistos.histories.UntypedCall>> registers(
      List<Event<TxnCall>> events) {
    List<Event<phaistos.histories.UntypedCall>> out = new ArrayList<>();
    for (Event<TxnCall> event : events) {
      List<MicroOp> steps = new ArrayList<>();
      for (MicroOp step : event.call().steps()) {
        steps.add(
            switch (step) {
              case MicroOp.Append a -> new MicroOp.Write(a.key(), a.element());
              case MicroOp.ReadList r ->
                  new MicroOp.ReadRegister(
                      r.key(),
                      r.elements()
                          .filter(list -> !list.isEmpty())
                          .map(List::getLast)
                          .orElse(Edn.NIL));
              default -> step;
            });
      }
      out.add(event.withCall(TxnCall.codec(DataType.RW_REGISTER).encode(new TxnCall(steps))));
    }
    return out;
  }

  private static String text(Transactions txns) {
    StringBuilder text = new StringBuilder();
    for (int t = 0; t < txns.size(); t++) {
      text.append(txns.invokedAt[t]).append("..").append(txns.completedAt[t]).append(' ');
      text.append(txns.print(t)).append('\n');
    }
    return text.toString();
  }

  /** Whether every append that may have happened was read. */
  private static boolean knowsAllVersions(Transactions txns) {
    for (int t = 0; t < txns.size(); t++) {
      for (int step = txns.from(t); step < txns.to(t); step++) {
        if (txns.type[t] != Transactions.FAIL && txns.stepKind[step] == Transactions.WRITE) {
          int longest = txns.states.longest(txns.stepKey[step]);
          if (longest < 0 || !txns.states.contains(longest, txns.stepValue[step])) {
            return false;
          }
        }
      }
    }
    return true;
  }

  /** All serial orders. */
  private static final class Orders {
    private final Transactions txns;
    private final boolean strict;
    private final boolean[] used;

    Orders(Transactions txns, boolean strict) {
      this.txns = txns;
      this.strict = strict;
      used = new boolean[txns.size()];
    }

    boolean explains() {
      return extend(new HashMap<>());
    }

    private boolean extend(Map<Integer, List<Integer>> state) {
      boolean complete = true;
      for (int t = 0; t < used.length; t++) {
        complete &= used[t] || !txns.isOk(t);
      }
      if (complete) {
        return true;
      }
      for (int t = 0; t < used.length; t++) {
        if (!used[t] && txns.type[t] != Transactions.FAIL && mayBeNext(t)) {
          Map<Integer, List<Integer>> next = new HashMap<>(state);
          if (runs(t, next)) {
            used[t] = true;
            if (extend(next)) {
              return true;
            }
            used[t] = false;
          }
        }
      }
      return false;
    }

    /** Whether the transactions can run in this order; those that are left out did not happen. */
    boolean isRight(int[] order) {
      java.util.Arrays.fill(used, true);
      for (int t : order) {
        used[t] = false;
      }
      Map<Integer, List<Integer>> state = new HashMap<>();
      for (int t : order) {
        if (!mayBeNext(t) || !runs(t, state)) {
          return false;
        }
        used[t] = true;
      }
      return true;
    }

    private boolean mayBeNext(int t) {
      for (int other = 0; strict && other < used.length; other++) {
        if (!used[other] && other != t && LocalGraph.isBefore(txns, other, t)) {
          return false;
        }
      }
      return true;
    }

    private boolean runs(int t, Map<Integer, List<Integer>> state) {
      for (int step = txns.from(t); step < txns.to(t); step++) {
        List<Integer> list = state.getOrDefault(txns.stepKey[step], List.of());
        if (txns.stepKind[step] == Transactions.WRITE) {
          List<Integer> longer = new ArrayList<>(list);
          longer.add(txns.stepValue[step]);
          state.put(txns.stepKey[step], longer);
        } else if (txns.isOk(t) && !sees(step, list)) {
          return false;
        }
      }
      return true;
    }

    private boolean sees(int step, List<Integer> list) {
      int value = txns.stepValue[step];
      if (txns.dataType == DataType.RW_REGISTER) {
        return list.isEmpty() ? txns.versions.isInitial(value) : list.getLast() == value;
      }
      List<Integer> read = new ArrayList<>();
      if (value != Transactions.NIL) {
        for (int version : txns.states.elements(value)) {
          read.add(version);
        }
      }
      return read.equals(list);
    }
  }

  /** Each cycle shown is real, of the class it is shown under, and as short as any of the class. */
  private static void checkWitnesses(
      Transactions txns, TransactionsResult result, boolean strict, String where) {
    int[][] labels = Definitions.labels(txns, strict);
    Map<String, Integer> shortest = Definitions.shortestCycles(labels);
    result
        .findings()
        .forEach(
            (name, findings) -> {
              for (Finding finding : findings) {
                int n = finding.edges().size();
                for (int i = 0; i < n; i++) {
                  int label = labels[finding.ids().get(i)][finding.ids().get((i + 1) % n)];
                  assertEquals(finding.edges().get(i), Edges.word(label), where + finding);
                }
              }
              if (!findings.isEmpty() && !findings.getFirst().edges().isEmpty()) {
                assertEquals(
                    shortest.get(name), findings.getFirst().edges().size(), where + findings);
              }
            });
  }
}
