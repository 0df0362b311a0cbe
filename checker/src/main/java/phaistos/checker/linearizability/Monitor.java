package phaistos.checker.linearizability;

import java.util.Optional;
import java.util.stream.IntStream;

/** Selects the monitor for a model and verifies its answers. */
final class Monitor {
  private Monitor() {}

  /** The monitor's answer for the history; empty if the model has no monitor. */
  static <S, C> Optional<Finding> find(Model<S, C> model, KeyLog<C> log) {
    Optional<Monitored<C>> monitored = model.monitored();
    return monitored.map(m -> find(model, m, log));
  }

  private static <S, C> Finding find(Model<S, C> model, Monitored<C> monitored, KeyLog<C> log) {
    return switch (suppose(model, monitored, log)) {
      case Suppose(Finding.Violated _, boolean isLatent) when isLatent ->
          new Finding.Undecided("which element a take that never returned took is not known");
      case Suppose(Finding finding, boolean _) -> finding;
    };
  }

  /**
   * @param isLatent whether it assumes that a take that never returned took its known element,
   *     although another such take may have taken it
   */
  private record Suppose(Finding finding, boolean isLatent) {}

  private static <S, C> Suppose suppose(Model<S, C> model, Monitored<C> monitored, KeyLog<C> log) {
    return switch (monitored.kind()) {
      case REGISTER -> new Suppose(RegisterMonitor.find(monitored, log), false);
      case SET -> new Suppose(SetMonitor.find(model, monitored, log), false);
      case FIFO_QUEUE, UNORDERED_QUEUE, STACK, PRIORITY_QUEUE -> {
        Ledger ledger = new Ledger(monitored, log);
        Finding finding = ledger.finding.orElseGet(() -> find(monitored, ledger));
        yield new Suppose(finding, ledger.isLatent && ledger.finding.isEmpty());
      }
    };
  }

  private static Finding find(Monitored<?> monitored, Ledger ledger) {
    return switch (monitored.kind()) {
      case FIFO_QUEUE -> QueueMonitor.find(ledger, true);
      case UNORDERED_QUEUE -> QueueMonitor.find(ledger, false);
      case STACK -> StackMonitor.find(ledger);
      case PRIORITY_QUEUE -> PriorityMonitor.find(ledger, monitored.order());
      case REGISTER, SET -> throw new IllegalStateException("no ledger for these");
    };
  }

  /**
   * A short history without an order, if a monitor gives one. It has the monitor's suspects, and
   * the first takes of unknown elements that never returned, as many as there are elements that
   * they may have taken. If it has no order, then neither has the whole: elements go in and come
   * out in pairs, and without one of them every order stays one; and a take that is open from an
   * earlier moment on can do all that a later one can.
   */
  static <S, C> Optional<KeyLog<C>> suspects(Model<S, C> model, KeyLog<C> log) {
    return model
        .monitored()
        .flatMap(
            monitored ->
                suppose(model, monitored, log).finding instanceof Finding.Violated(int[] suspects)
                    ? Optional.of(suspects(monitored, log, suspects))
                    : Optional.empty());
  }

  static <C> KeyLog<C> suspects(Monitored<C> monitored, KeyLog<C> log, int[] suspects) {
    boolean[] isKept = new boolean[log.size()];
    int tokens = 0;
    for (int operation : suspects) {
      isKept[operation] = true;
      Monitored.Access access = monitored.access(log.call(operation));
      if (access instanceof Monitored.Access.Put) {
        tokens++;
      } else if (access instanceof Monitored.Access.Take && log.outcome(operation) == KeyLog.OK) {
        tokens--;
      }
    }
    for (int i = 0; i < log.size() && tokens > 0; i++) {
      if (log.outcome(i) == KeyLog.OPEN
          && monitored.access(log.call(i)) instanceof Monitored.Access.TakeAny) {
        isKept[i] = true;
        tokens--;
      }
    }
    int[] kept = IntStream.range(0, log.size()).filter(i -> isKept[i]).toArray();
    return log.only(kept, new Moments(log));
  }
}
