package phaistos.checker.linearizability;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs the algorithm that was asked for on one key's problem. */
final class Search {
  /** Expansions of the short try before a second thread is worth its start. */
  private static final long ALONE = 50_000;

  private Search() {}

  static <S, C> SearchOutcome run(
      Algorithm algorithm, Model<S, C> model, Problem<C> problem, Limits limits) {
    try {
      return switch (algorithm) {
        case WGL -> wgl(model, problem, limits).run(Long.MAX_VALUE).orElseThrow();
        case LINEAR -> linear(model, problem, limits);
        case COMPETITION -> compete(model, problem, limits);
      };
    } catch (OutOfMemoryError _) {
      return new SearchOutcome.GivenUp("out of memory", 0, 0);
    }
  }

  static <S, C> Wgl<S, C> wgl(Model<S, C> model, Problem<C> problem, Limits limits) {
    return new Wgl<>(problem, new Transitions<>(model, problem.calls), limits);
  }

  private static <S, C> SearchOutcome linear(Model<S, C> model, Problem<C> problem, Limits limits) {
    return new JustInTime<>(problem, new Transitions<>(model, problem.calls), limits).run();
  }

  private static <S, C> SearchOutcome compete(
      Model<S, C> model, Problem<C> problem, Limits limits) {
    AtomicBoolean isDecided = new AtomicBoolean();
    Limits shared = limits.or(isDecided::get);
    Wgl<S, C> wgl = wgl(model, problem, shared);
    Optional<SearchOutcome> early = wgl.run(ALONE);
    if (early.isPresent() && isAnswer(early.get())) {
      return early.get();
    }
    CompletableFuture<SearchOutcome> other =
        CompletableFuture.supplyAsync(
            () -> {
              SearchOutcome outcome =
                  early.isPresent() ? early.get() : attempt(() -> wgl.run(Long.MAX_VALUE).get());
              if (isAnswer(outcome)) {
                isDecided.set(true);
              }
              return outcome;
            },
            ForkJoinPool.commonPool());
    SearchOutcome ours = attempt(() -> linear(model, problem, shared));
    if (isAnswer(ours)) {
      isDecided.set(true);
    }
    SearchOutcome theirs = other.join();
    return isAnswer(ours) ? ours : isAnswer(theirs) ? theirs : further(ours, theirs);
  }

  private static SearchOutcome attempt(java.util.function.Supplier<SearchOutcome> search) {
    try {
      return search.get();
    } catch (OutOfMemoryError _) {
      return new SearchOutcome.GivenUp("out of memory", 0, 0);
    }
  }

  private static boolean isAnswer(SearchOutcome outcome) {
    return !(outcome instanceof SearchOutcome.GivenUp);
  }

  private static SearchOutcome further(SearchOutcome a, SearchOutcome b) {
    return rank(a) >= rank(b) ? a : b;
  }

  private static int rank(SearchOutcome outcome) {
    return outcome instanceof SearchOutcome.GivenUp given ? given.rank() : 0;
  }
}
