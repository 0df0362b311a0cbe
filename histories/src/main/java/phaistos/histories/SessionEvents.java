package phaistos.histories;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Transactions over registers, session by session, as checkers of isolation take them. Their order
 * is known only within a session, so they become completions without invocations. A read of 0 reads
 * the initial state, unless 0 is written to that key. Not thread-safe.
 */
final class SessionEvents {
  private static final Edn ZERO = Edn.of(0);
  private static final Edn READ = Edn.keyword("r");
  private static final Edn WRITE = Edn.keyword("w");
  private static final Edn TXN = Edn.keyword("txn");

  private record Step(boolean isWrite, Edn key, Edn value) {}

  /** One transaction: its session, its steps, and its line. */
  private static final class Txn {
    final Edn session;
    boolean isAborted;
    final List<Step> steps = new ArrayList<>();
    long line;

    Txn(Edn session, boolean isAborted) {
      this.session = session;
      this.isAborted = isAborted;
    }
  }

  private final Map<Edn, Txn> transactions = new LinkedHashMap<>();
  private final Set<Edn> writtenZeros = new HashSet<>();
  private int unnamed;

  /** Opens a transaction of its own: further steps of the same name belong to it. */
  Edn begin(Edn session, boolean isAborted, long line) {
    Edn name = Edn.vector(Edn.keyword("next"), Edn.of(unnamed++));
    Txn txn = new Txn(session, isAborted);
    txn.line = line;
    transactions.put(name, txn);
    return name;
  }

  /**
   * Opens the transaction of this name, if it is not open.
   *
   * @throws IllegalArgumentException if it is another session's
   */
  void beginNamed(Edn name, Edn session, long line) {
    Txn txn = transactions.computeIfAbsent(name, _ -> new Txn(session, false));
    if (!txn.session.equals(session)) {
      throw new IllegalArgumentException(
          "transaction %s is of session %s and of session %s"
              .formatted(
                  EdnWriter.print(name), EdnWriter.print(txn.session), EdnWriter.print(session)));
    }
    txn.line = line;
  }

  /** {@code value} is nil for the initial state. */
  void step(Edn txn, boolean isWrite, Edn key, Edn value) {
    if (isWrite && value.equals(ZERO)) {
      writtenZeros.add(key);
    }
    transactions.get(txn).steps.add(new Step(isWrite, key, value));
  }

  void abort(Edn txn) {
    transactions.get(txn).isAborted = true;
  }

  ListedEvents events() {
    ListedEvents events = new ListedEvents();
    Map<Edn, Process> processes = new LinkedHashMap<>();
    for (Txn txn : transactions.values()) {
      Process process =
          processes.computeIfAbsent(txn.session, _ -> new Process.Client(processes.size()));
      UntypedCall call =
          new UntypedCall(TXN, new Edn.Vector(txn.steps.stream().map(this::edn).toList()));
      events.add(
          index ->
              txn.isAborted
                  ? new Event.Fail<>(index, -1, process, call, Details.NONE)
                  : new Event.Ok<>(index, -1, process, call, Details.NONE),
          txn.line);
    }
    return events;
  }

  private Edn edn(Step step) {
    boolean isInitial =
        !step.isWrite && step.value.equals(ZERO) && !writtenZeros.contains(step.key);
    return Edn.vector(step.isWrite ? WRITE : READ, step.key, isInitial ? Edn.NIL : step.value);
  }

  /** The value of a token: a number if it is one, else a name. */
  static Edn atom(String text) {
    int start = text.startsWith("-") ? 1 : 0;
    boolean isNumber = text.length() > start;
    for (int i = start; i < text.length(); i++) {
      isNumber &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
    }
    return isNumber ? Edn.of(new BigInteger(text)) : Edn.of(text);
  }
}
