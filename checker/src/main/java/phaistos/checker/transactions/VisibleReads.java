package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import phaistos.checker.transactions.CertificateVerifier.Wrong;

/**
 * Verifies an order of commits by looking, for each read, for a write of its key that the reader
 * should have seen and that came later than what it has. Not thread-safe.
 */
final class VisibleReads {
  private static final int KEYS_AT_ONCE = 16;
  private static final int NEVER = -1;

  private final Transactions txns;
  private final Certificate certificate;
  private final int[] commitsAt;
  private final Patience patience;

  /** {@code commitsAt}: where in the certificate each transaction commits; -1 if it does not. */
  VisibleReads(Transactions txns, Certificate certificate, int[] commitsAt, Patience patience) {
    this.txns = txns;
    this.certificate = certificate;
    this.commitsAt = commitsAt;
    this.patience = patience;
  }

  /** A read that did not see its transaction's own write: of which transaction, or of none. */
  private record SeenRead(int reader, int step, int key, int writer) {}

  private int[] writerOf = {};

  void check() throws Wrong {
    boolean isOpen = !txns.byPredicate.open().isEmpty();
    if (isOpen && certificate.form() != Certificate.Form.READ_COMMITTED) {
      throw new Wrong(
          "which version of key %s a read by predicate saw is not known"
              .formatted(txns.keyName(txns.byPredicate.open().getFirst().key())));
    }
    writerOf = new int[txns.versions.count()];
    Arrays.fill(writerOf, NEVER);
    for (int t = 0; t < txns.size(); t++) {
      for (int step = txns.from(t); commitsAt[t] != NEVER && step < txns.to(t); step++) {
        if (txns.stepKind[step] == Transactions.WRITE) {
          writerOf[txns.stepValue[step]] = t;
        }
      }
    }
    Writers writers = new Writers(txns);
    Map<Integer, Integer> began = new HashMap<>();
    List<List<SeenRead>> reads = new ArrayList<>();
    for (int t = 0; t < txns.size(); t++) {
      patience.tick();
      List<SeenRead> seen = txns.isOk(t) ? seenBy(t) : List.of();
      for (SeenRead read : seen) {
        checkSource(read, writers, began);
      }
      if (certificate.form() == Certificate.Form.CAUSAL) {
        reads.add(seen);
      } else if (certificate.form() != Certificate.Form.READ_COMMITTED) {
        checkMissed(seen, certificate.form() == Certificate.Form.READ_ATOMIC);
      }
    }
    if (certificate.form() == Certificate.Form.CAUSAL) {
      checkChains(reads);
    }
  }

  /** The reads of a transaction from others; its own it must see as they are. */
  private List<SeenRead> seenBy(int t) throws Wrong {
    boolean strict = certificate.form().compareTo(Certificate.Form.READ_ATOMIC) <= 0;
    List<SeenRead> seen = new ArrayList<>();
    Map<Integer, Integer> expected = new HashMap<>();
    for (int step = txns.from(t); step < txns.to(t); step++) {
      int key = txns.stepKey[step];
      boolean lists = txns.dataType == DataType.LIST_APPEND;
      if (txns.stepKind[step] == Transactions.WRITE) {
        expected.put(key, txns.stepValue[step]);
        continue;
      }
      int read = lists ? txns.lastVersion(step) : txns.stepValue[step];
      Integer known = expected.get(key);
      if (strict && known != null && known != read) {
        throw new Wrong("disagrees with itself about a key: " + txns.print(t));
      }
      if (strict && known == null) {
        expected.put(key, read);
      }
      boolean own = writerOf[read] == t;
      if (known == null || (!strict && !own)) {
        seen.add(new SeenRead(t, step, key, writerOf[read]));
      } else if (lists && own) {
        addBefore(seen, t, step);
      }
    }
    return seen;
  }

  /** A list read with the transaction's own appends at its end shows what came before them. */
  private void addBefore(List<SeenRead> seen, int t, int step) {
    int state = txns.stepValue[step];
    while (txns.states.element(state) != ListStates.NONE
        && writerOf[txns.states.element(state)] == t) {
      state = txns.states.parent(state);
    }
    int element = txns.states.element(state);
    int writer = element == ListStates.NONE ? NEVER : writerOf[element];
    seen.add(new SeenRead(t, step, txns.stepKey[step], writer));
  }

  private void checkSource(SeenRead read, Writers writers, Map<Integer, Integer> began)
      throws Wrong {
    boolean lists = txns.dataType == DataType.LIST_APPEND;
    int version = lists ? txns.lastVersion(read.step) : txns.stepValue[read.step];
    if (read.writer == read.reader) {
      throw new Wrong("reads what it writes later: " + txns.print(read.reader));
    }
    if (read.writer != NEVER) {
      if (writers.intermediate(version) == read.writer
          || commitsAt[read.reader] < commitsAt[read.writer]) {
        throw new Wrong("reads what was not committed: " + txns.print(read.reader));
      }
      return;
    }
    if (lists && version != txns.versions.initial(read.key) && writerOf[version] == read.reader) {
      return;
    }
    boolean isBeginning = version == txns.versions.initial(read.key) || writers.isGarbage(version);
    if (!isBeginning || (lists && version != txns.versions.initial(read.key))) {
      throw new Wrong("reads what never happened: " + txns.print(read.reader));
    }
    Integer other = began.putIfAbsent(read.key, version);
    if (other != null && other != version) {
      throw new Wrong("a key cannot begin with two values: " + txns.keyName(read.key));
    }
  }

  private int orderOf(int writer) {
    return writer == NEVER ? NEVER : commitsAt[writer];
  }

  /** Whether a writer that the reader has seen wrote a key later than what it has of it. */
  private void checkMissed(List<SeenRead> seen, boolean all) throws Wrong {
    Map<Integer, Integer> latest = new HashMap<>();
    Set<Integer> counted = new HashSet<>();
    if (all) {
      seen.forEach(read -> count(read, counted, latest));
    }
    for (SeenRead read : seen) {
      if (latest.getOrDefault(read.key, NEVER) > orderOf(read.writer)) {
        throw new Wrong(
            "misses a write of key %s of one that it has seen: %s"
                .formatted(txns.keyName(read.key), txns.print(read.reader)));
      }
      count(read, counted, latest);
    }
  }

  private void count(SeenRead read, Set<Integer> counted, Map<Integer, Integer> latest) {
    if (read.writer == NEVER || !counted.add(read.writer)) {
      return;
    }
    for (int step = txns.from(read.writer); step < txns.to(read.writer); step++) {
      if (txns.stepKind[step] == Transactions.WRITE) {
        latest.merge(txns.stepKey[step], commitsAt[read.writer], Math::max);
      }
    }
  }

  /**
   * For some keys at a time the latest write among all that precede a transaction, along the order
   * of the certificate, of which whatever precedes comes first.
   */
  private void checkChains(List<List<SeenRead>> reads) throws Wrong {
    int[] order = certificate.commits();
    int[][] before = new int[txns.size()][];
    Map<Integer, Integer> lastOf = new HashMap<>();
    for (int t = 0; t < txns.size(); t++) {
      Set<Integer> preceding = new HashSet<>();
      reads.get(t).stream().map(SeenRead::writer).filter(w -> w != NEVER).forEach(preceding::add);
      if (certificate.outside() == Certificate.Outside.PROCESS && commitsAt[t] != NEVER) {
        Integer earlier = lastOf.get(txns.process[t]);
        if (earlier != null) {
          preceding.add(earlier);
        }
        if (txns.isOk(t)) {
          lastOf.put(txns.process[t], t);
        }
      }
      before[t] = preceding.stream().mapToInt(Integer::intValue).toArray();
    }
    int keys = txns.versions.keyCount();
    for (int from = 0; from < keys; from += KEYS_AT_ONCE) {
      checkChains(order, before, reads, from);
    }
  }

  private void checkChains(int[] order, int[][] before, List<List<SeenRead>> reads, int from)
      throws Wrong {
    int[] seen = new int[txns.size() * KEYS_AT_ONCE];
    Arrays.fill(seen, NEVER);
    for (int t : order) {
      patience.tick();
      int base = t * KEYS_AT_ONCE;
      for (int earlier : before[t]) {
        for (int i = 0; i < KEYS_AT_ONCE; i++) {
          seen[base + i] = Math.max(seen[base + i], seen[earlier * KEYS_AT_ONCE + i]);
        }
      }
      for (SeenRead read : reads.get(t)) {
        int key = read.key - from;
        if (key >= 0 && key < KEYS_AT_ONCE && seen[base + key] > orderOf(read.writer)) {
          throw new Wrong(
              "misses a write of key %s of one that precedes it: %s"
                  .formatted(txns.keyName(read.key), txns.print(t)));
        }
      }
      for (int step = txns.from(t); step < txns.to(t); step++) {
        int key = txns.stepKey[step] - from;
        if (txns.stepKind[step] == Transactions.WRITE && key >= 0 && key < KEYS_AT_ONCE) {
          seen[base + key] = commitsAt[t];
        }
      }
    }
  }
}
