package phaistos.checker.transactions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.checker.transactions.Certificate.Form;
import phaistos.checker.transactions.Certificate.Outside;

/**
 * Random register histories of 4 to 7 transactions over 2 to 4 keys: the answer of each model is
 * that of all orders by its definition, both ways; every valid certificate is verified, and with
 * one element changed it is right exactly if running it says so. {@code
 * -Dphaistos.histories=400000} for a long run, {@code -Dphaistos.seed=N} for another one.
 */
class OrderBruteForceTest {
  private static final int HISTORIES = Integer.getInteger("phaistos.histories", 600);
  private static final long SEED = Long.getLong("phaistos.seed", 7);
  private static final int MUTATED_EVERY = 8;
  private static final int SHOWN_EVERY = 10_000;

  /** The models, with their definitions. */
  private static final Map<ConsistencyModel, Predicate<SmallHistory>> DEFINITIONS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(ConsistencyModel.PL_2, h -> h.isOrdered(Form.READ_COMMITTED, Outside.NONE)),
              Map.entry(
                  ConsistencyModel.MONOTONIC_ATOMIC_VIEW,
                  h -> h.isOrdered(Form.MONOTONIC_ATOMIC_VIEW, Outside.NONE)),
              Map.entry(
                  ConsistencyModel.READ_ATOMIC, h -> h.isOrdered(Form.READ_ATOMIC, Outside.NONE)),
              Map.entry(
                  ConsistencyModel.CAUSAL_CERONE, h -> h.isOrdered(Form.CAUSAL, Outside.NONE)),
              Map.entry(ConsistencyModel.CAUSAL, h -> h.isOrdered(Form.CAUSAL, Outside.PROCESS)),
              Map.entry(ConsistencyModel.PREFIX, h -> h.isSnapshot(Outside.NONE, false)),
              Map.entry(ConsistencyModel.PL_SI, h -> h.isSnapshot(Outside.NONE, true)),
              Map.entry(
                  ConsistencyModel.STRONG_SESSION_SI, h -> h.isSnapshot(Outside.PROCESS, true)),
              Map.entry(ConsistencyModel.STRONG_SI, h -> h.isSnapshot(Outside.REALTIME, true)),
              Map.entry(ConsistencyModel.PL_2_99, h -> h.isSerializable(Outside.NONE)),
              Map.entry(ConsistencyModel.PL_3, h -> h.isSerializable(Outside.NONE)),
              Map.entry(
                  ConsistencyModel.STRONG_SESSION_SERIALIZABLE,
                  h -> h.isSerializable(Outside.PROCESS)),
              Map.entry(ConsistencyModel.PL_SS, h -> h.isSerializable(Outside.REALTIME))));

  private final SplittableRandom random = new SplittableRandom(SEED);
  private int mutations;
  private int stillRight;

  @Test
  void everyAnswerIsThatOfAllOrders() {
    RandomRegisters source = new RandomRegisters(random);
    Map<ConsistencyModel, int[]> counts = new TreeMap<>();
    for (int i = 0; i < HISTORIES; i++) {
      Transactions txns = source.next(4 + random.nextInt(4), 2 + random.nextInt(3));
      SmallHistory history = new SmallHistory(txns);
      if (HISTORIES > SHOWN_EVERY && i % SHOWN_EVERY == 0) {
        System.out.println("seed " + SEED + ": " + i + " histories so far");
      }
      String where = "seed " + SEED + ", history " + i + "\n";
      for (Map.Entry<ConsistencyModel, Predicate<SmallHistory>> entry : DEFINITIONS.entrySet()) {
        ConsistencyModel model = entry.getKey();
        TransactionsResult result =
            new TransactionChecker(
                    DataType.RW_REGISTER, TransactionOptions.DEFAULT.withModels(model))
                .check(txns, CheckContext.UNLIMITED);
        boolean holds = entry.getValue().test(history);
        int[] count = counts.computeIfAbsent(model, _ -> new int[3]);
        switch (result.verdict()) {
          case Verdict.Valid _ -> {
            assertTrue(holds, () -> where + model + text(txns) + result);
            checkCertificate(model, history, txns, result, i, where);
            count[0]++;
          }
          case Verdict.Invalid _ -> {
            assertTrue(!holds, () -> where + model + text(txns) + result);
            count[1]++;
          }
          case Verdict.Unknown _ -> {
            // Only what says nothing: no read of another transaction.
            assertTrue(holds, () -> where + model + text(txns) + result);
            assertEquals(
                java.util.List.of("empty-transaction-graph"),
                result.anomalies(),
                () -> where + model + text(txns) + result);
            count[2]++;
          }
        }
      }
    }
    System.out.printf(
        "seed %d: %d histories at %d models; %d certificates changed, %d still right%n",
        SEED, HISTORIES, DEFINITIONS.size(), mutations, stillRight);
    counts.forEach(
        (model, count) ->
            System.out.printf("  %s valid, invalid, unknown: %s%n", model, Arrays.toString(count)));
    counts.forEach(
        (model, count) -> {
          boolean weak =
              model == ConsistencyModel.PL_2 || model == ConsistencyModel.MONOTONIC_ATOMIC_VIEW;
          assertTrue(weak || count[1] > HISTORIES * 3 / 10, model + Arrays.toString(count));
          assertTrue(count[0] > HISTORIES / 10, model + Arrays.toString(count));
          assertTrue(count[2] < HISTORIES / 10, model + Arrays.toString(count));
        });
  }

  private void checkCertificate(
      ConsistencyModel model,
      SmallHistory history,
      Transactions txns,
      TransactionsResult result,
      int i,
      String where) {
    Certificate certificate = result.certificates().get(model);
    assertEquals(Optional.empty(), CertificateVerifier.verify(txns, certificate), where + model);
    assertTrue(history.isRight(certificate), () -> where + model + text(txns) + certificate);
    if (i % MUTATED_EVERY == 0) {
      for (int way = 0; way < 5; way++) {
        Certificate changed = changed(certificate, txns.size(), way);
        if (Arrays.equals(changed.moments(), certificate.moments())) {
          continue;
        }
        boolean isRight = history.isRight(changed);
        mutations++;
        stillRight += isRight ? 1 : 0;
        Optional<String> wrong = CertificateVerifier.verify(txns, changed);
        assertEquals(
            isRight,
            wrong.isEmpty(),
            () -> where + model + text(txns) + Arrays.toString(changed.moments()) + wrong);
      }
    }
  }

  /** One element left out, put in twice, replaced, moved, or changed places with another. */
  private Certificate changed(Certificate certificate, int transactions, int way) {
    int[] old = certificate.moments();
    int place = random.nextInt(old.length);
    int other = random.nextInt(old.length);
    int[] moments = old.clone();
    switch (way) {
      case 0 -> {
        moments = new int[old.length - 1];
        System.arraycopy(old, 0, moments, 0, place);
        System.arraycopy(old, place + 1, moments, place, moments.length - place);
      }
      case 1 -> {
        moments = Arrays.copyOf(old, old.length + 1);
        moments[old.length] = old[place];
      }
      case 2 -> moments[place] = random.nextInt(2 * transactions);
      case 3 -> {
        moments[place] = old[other];
        moments[other] = old[place];
      }
      default -> {
        int step = place < other ? 1 : -1;
        for (int i = place; i != other; i += step) {
          moments[i] = old[i + step];
        }
        moments[other] = old[place];
      }
    }
    return new Certificate(certificate.form(), certificate.outside(), moments);
  }

  private static String text(Transactions txns) {
    StringBuilder text = new StringBuilder("\n");
    for (int t = 0; t < txns.size(); t++) {
      text.append(txns.invokedAt[t]).append("..").append(txns.completedAt[t]).append(' ');
      text.append(txns.print(t)).append('\n');
    }
    return text.toString();
  }
}
