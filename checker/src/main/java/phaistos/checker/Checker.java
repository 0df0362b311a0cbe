package phaistos.checker;

import phaistos.histories.History;

/**
 * Judges a history. Pure, but for artifacts, which it writes through the context.
 *
 * @param <C> the payload of the histories that it can judge
 * @param <R> its answer
 */
public interface Checker<C, R extends Result> {
  R check(History<C> history, CheckContext context);
}
