package phaistos.checker.linearizability;

import java.util.Arrays;
import java.util.Optional;

/**
 * Checks an order of operations independently of how it was found. Every operation that returned is
 * in it, none twice, and none after one that was invoked after its return. The model gives the
 * results that the clients saw.
 */
final class Replay {
  private Replay() {}

  /** What is wrong with the order, if anything is. */
  static <S, C> Optional<String> fault(Model<S, C> model, KeyLog<C> log, int[] order) {
    int[] invoked = new int[log.size()];
    int[] returned = new int[log.size()];
    Arrays.fill(returned, Integer.MAX_VALUE);
    for (int place = 0; place < log.scheduled(); place++) {
      int entry = log.schedule(place);
      if (entry >= 0) {
        invoked[entry] = place;
      } else {
        returned[~entry] = place;
      }
    }
    boolean[] isPlaced = new boolean[log.size()];
    int latest = 0;
    S state = model.initial();
    for (int operation : order) {
      if (isPlaced[operation] || log.outcome(operation) == KeyLog.FAILED) {
        return Optional.of("an operation that is there already, or failed: " + operation);
      }
      isPlaced[operation] = true;
      latest = Math.max(latest, invoked[operation]);
      if (returned[operation] < latest) {
        return Optional.of("it returned before one was invoked that comes first: " + operation);
      }
      switch (model.step(state, log.call(operation))) {
        case Step.Next<S> next -> state = next.state();
        case Step.Inconsistent<S> no -> {
          return Optional.of(no.reason());
        }
      }
    }
    for (int i = 0; i < isPlaced.length; i++) {
      if (!isPlaced[i] && log.outcome(i) == KeyLog.OK) {
        return Optional.of("an operation that returned is missing: " + i);
      }
    }
    return Optional.empty();
  }
}
