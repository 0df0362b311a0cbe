package phaistos.checker;

import phaistos.histories.History;

/**
 * Judges a history. Pure, except that it writes artifacts through the context.
 *
 * @param <C> the payload of the histories that it can judge
 * @param <R> its result
 */
public interface Checker<C, R extends Result> {
  R check(History<C> history, CheckContext context);
}
