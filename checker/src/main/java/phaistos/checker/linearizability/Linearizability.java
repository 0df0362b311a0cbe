package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.checker.Verdict;
import phaistos.histories.Edn;
import phaistos.histories.History;

/**
 * Decides whether a history is linearizable: whether every operation can be given one moment
 * between its invocation and its return such that the model, called in the order of these moments,
 * answers what the clients saw (Herlihy and Wing 1990). A failed operation did not happen; an
 * indeterminate one may happen at any moment after its invocation, or never.
 *
 * <p>If each element is added at most once, a {@link Monitored} model is decided without a search.
 * Independent keys are searched separately, on several threads if the history is long. Without
 * enough time or memory the verdict is unknown and says how far the search came. Immutable and
 * thread-safe.
 *
 * <pre>{@code
 * Linearizability.of(new CasRegister()).check(history).verdict()
 * }</pre>
 *
 * @param threads how many threads search at once, for a history of several keys
 * @param bytesMax how much memory one search may hold
 */
public record Linearizability<S, C>(
    Model<S, C> model, Algorithm algorithm, int threads, long bytesMax)
    implements Checker<C, LinearizabilityResult> {
  /** Shorter histories are done before a thread has started. */
  private static final long PARALLEL_OPERATIONS = 1_500;

  private static final Verdict NOTHING =
      new Verdict.Unknown("nothing was checked: no operation was ever acknowledged");

  /** By {@link Algorithm#COMPETITION}, on all processors, with a third of the memory. */
  public static <S, C> Linearizability<S, C> of(Model<S, C> model) {
    Runtime runtime = Runtime.getRuntime();
    return new Linearizability<>(
        model, Algorithm.COMPETITION, runtime.availableProcessors(), runtime.maxMemory() / 3);
  }

  public Linearizability<S, C> with(Algorithm other) {
    return new Linearizability<>(model, other, threads, bytesMax);
  }

  public Linearizability<S, C> withThreads(int count) {
    return new Linearizability<>(model, algorithm, count, bytesMax);
  }

  public Linearizability<S, C> withMemory(long bytes) {
    return new Linearizability<>(model, algorithm, threads, bytes);
  }

  public LinearizabilityResult check(History<C> history) {
    return check(history, CheckContext.UNLIMITED);
  }

  @Override
  public LinearizabilityResult check(History<C> history, CheckContext context) {
    return check(Collector.of(model, history), context);
  }

  /** The same for a history that streamed by. */
  public LinearizabilityResult check(Collector<S, C> collected, CheckContext context) {
    return new Keys(collected, context).check();
  }

  /** One check of all keys. */
  private final class Keys {
    private final Collector<S, C> collected;
    private final List<Map.Entry<Optional<Edn>, KeyLog<C>>> entries;
    private final int helpers;
    private final SearchOutcome[] outcomes;
    private final Failure<?, ?>[] failures;
    private final Limits limits;

    /** Idle threads: one may help with a key whose search is long. */
    private final Semaphore spare;

    private final Decider<S, C> decider;

    private final AtomicInteger next = new AtomicInteger();

    /** The first key that is known to be not linearizable: later ones need no search. */
    private final AtomicInteger firstBad = new AtomicInteger(Integer.MAX_VALUE);

    Keys(Collector<S, C> collected, CheckContext context) {
      this.collected = collected;
      entries = new ArrayList<>(collected.logs().entrySet());
      outcomes = new SearchOutcome[entries.size()];
      failures = new Failure<?, ?>[entries.size()];
      int shares = Math.clamp(entries.size(), 1, Math.max(threads, 1));
      limits =
          new Limits(context.deadlineNanos(), context::isCancelled, Math.max(bytesMax / shares, 1));
      helpers = collected.operations() < PARALLEL_OPERATIONS ? 0 : shares - 1;
      int processors = Runtime.getRuntime().availableProcessors();
      spare = new Semaphore(Math.max(Math.min(threads, processors) - 1 - helpers, 0));
      decider = new Decider<>(algorithm, model, spare);
    }

    LinearizabilityResult check() {
      List<ForkJoinTask<?>> tasks = new ArrayList<>();
      for (int i = 0; i < helpers; i++) {
        tasks.add(ForkJoinPool.commonPool().submit(this::work));
      }
      work();
      tasks.forEach(ForkJoinTask::join);
      return result();
    }

    private void work() {
      try {
        searchKeys();
      } finally {
        spare.release();
      }
    }

    private void searchKeys() {
      for (int i = next.getAndIncrement(); i < outcomes.length; i = next.getAndIncrement()) {
        int key = i;
        if (key > firstBad.get()) {
          return;
        }
        BooleanSupplier isNeedless = () -> firstBad.get() < key;
        KeyLog<C> log = entries.get(key).getValue();
        outcomes[key] = decider.decide(log, limits.or(isNeedless));
        if (outcomes[key] instanceof SearchOutcome.Stuck stuck) {
          failures[key] =
              decider.failure(entries.get(key).getKey(), log, stuck, limits, collected.faults());
          firstBad.accumulateAndGet(key, Math::min);
        }
      }
    }

    private LinearizabilityResult result() {
      long configurations = 0;
      long replayed = 0;
      Optional<Verdict> unknown = Optional.empty();
      for (int i = 0; i < outcomes.length; i++) {
        if (outcomes[i] != null) {
          configurations += outcomes[i].configurations();
          replayed +=
              outcomes[i] instanceof SearchOutcome.Linearizable found ? found.replayed() : 0;
          if (outcomes[i] instanceof SearchOutcome.GivenUp given && unknown.isEmpty()) {
            unknown = Optional.of(new Verdict.Unknown(cause(i, given)));
          }
        }
      }
      long acknowledged = 0;
      for (Map.Entry<Optional<Edn>, KeyLog<C>> entry : entries) {
        acknowledged += entry.getValue().returned();
      }
      int bad = firstBad.get();
      Optional<Failure<?, ?>> failure =
          bad < failures.length ? Optional.of(failures[bad]) : Optional.empty();
      Verdict verdict =
          failure
              .<Verdict>map(f -> new Verdict.Invalid(f.sentence()))
              .orElse(unknown.orElse(acknowledged > 0 ? Verdict.VALID : NOTHING));
      return new LinearizabilityResult(
          verdict,
          collected.operations(),
          acknowledged,
          replayed,
          entries.size(),
          configurations,
          failure);
    }

    private String cause(int key, SearchOutcome.GivenUp given) {
      String where =
          entries
              .get(key)
              .getKey()
              .map(k -> "key " + phaistos.histories.EdnWriter.print(k) + ": ")
              .orElse("");
      return where
          + given.cause()
          + " after "
          + given.rank()
          + " returns and "
          + given.configurations()
          + " configurations";
    }
  }
}
