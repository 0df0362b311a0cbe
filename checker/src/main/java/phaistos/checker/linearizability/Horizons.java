package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Until when an observation may still be saved by an overwrite, for models with {@link Foresight}.
 *
 * <p>An overwrite <i>saves</i> an observation that can happen after it. Its state does not depend
 * on the state before, so this is known before any search. Once a search is past the last overwrite
 * that saves an observation and may come before it, {@link Foresight#canStillHappen} decides alone;
 * no other overwrite can make the observation possible.
 *
 * <p>If the next observation to return needs an overwrite, and no observation invoked before it
 * returns can see the present state or a state derived from it, then none ever will: the state is
 * <i>void</i>. All such states are one ({@link Transitions#VOID}), and the orders that lead to them
 * are equivalent.
 */
final class Horizons {
  static final Horizons NONE = new Horizons(new int[0]);

  /** With more crashed overwrites than this, each counts as saving every observation. */
  private static final int CRASHED_MAX = 64;

  /**
   * By rank: the observation that returns first of those that are invoked after this return; -1 if
   * there is none. A search checks it with the pending ones: a state that contradicts a later
   * observation mostly contradicts this one.
   */
  final int[] upcoming;

  /**
   * By rank, for observations: the largest rank of an overwrite that saves it and is invoked before
   * it returns; a crashed one counts as the largest of all; -1 if there is none. Overwrites passed
   * before the first query are left out.
   */
  final int[] last;

  /** By rank: how many had returned when it was invoked. */
  private final int[] arrival;

  private Horizons(int[] arrival) {
    this.arrival = arrival;
    upcoming = new int[arrival.length];
    last = new int[arrival.length];
    Arrays.fill(last, -1);
  }

  /** Whether no overwrite can save this observation once the search is at this rank. */
  boolean isPast(int observation, int rank) {
    return last[observation] < rank;
  }

  /** Whether it was invoked after the return of this rank. */
  boolean isUpcoming(int observation, int rank) {
    return arrival[observation] > rank;
  }

  /** The parts of a {@link Problem} that matter here; see there. */
  record Layout<C>(
      List<C> calls,
      boolean[] isObservation,
      boolean[] isOverwrite,
      int[] callOf,
      int[] arrivalOf,
      int[] pendingStart,
      int[] pendingMutators,
      int[] pending,
      int[] crashedCalls,
      int[] crashedArrival) {
    int returns() {
      return arrivalOf.length;
    }
  }

  static <S, C> Horizons of(Foresight<S, C> model, Layout<C> layout) {
    Horizons horizons = new Horizons(layout.arrivalOf);
    int[] asked = horizons.findUpcoming(layout);
    Saviours<S, C> saviours = new Saviours<>(model, layout);
    int[] overwrites = new int[layout.returns()];
    int count = 0;
    for (int rank = 0; rank < layout.returns(); rank++) {
      if (layout.isOverwrite[layout.callOf[rank]]) {
        overwrites[count++] = rank;
      }
      if (layout.isObservation[layout.callOf[rank]]) {
        horizons.last[rank] = saviours.last(rank, asked[rank], overwrites, count);
      }
    }
    return horizons;
  }

  /** Fills {@link #upcoming}; for each observation the smallest rank at which it is looked at. */
  private int[] findUpcoming(Layout<?> layout) {
    int returns = layout.returns();
    int[] firstReturnByArrival = new int[returns + 1];
    Arrays.fill(firstReturnByArrival, Integer.MAX_VALUE);
    for (int rank = returns - 1; rank >= 0; rank--) {
      if (layout.isObservation[layout.callOf[rank]]) {
        firstReturnByArrival[layout.arrivalOf[rank]] = rank;
      }
    }
    int[] asked = layout.arrivalOf.clone();
    int first = Integer.MAX_VALUE;
    for (int rank = returns - 1; rank >= 0; rank--) {
      first = Math.min(first, firstReturnByArrival[rank + 1]);
      upcoming[rank] = first == Integer.MAX_VALUE ? -1 : first;
      if (first < Integer.MAX_VALUE) {
        asked[first] = rank;
      }
    }
    return asked;
  }

  /** Finds the overwrites that save an observation; remembers the state after each. */
  private static final class Saviours<S, C> {
    private final Foresight<S, C> model;
    private final Layout<C> layout;
    private final Map<Integer, S> stateAfter = new HashMap<>();

    /** Crashed overwrites in the order of invocation: each call once. */
    private final List<Integer> crashed = new ArrayList<>();

    Saviours(Foresight<S, C> model, Layout<C> layout) {
      this.model = model;
      this.layout = layout;
      Map<Integer, Integer> seen = new HashMap<>();
      for (int i = 0; i < layout.crashedCalls.length; i++) {
        int call = layout.crashedCalls[i];
        if (layout.isOverwrite[call] && seen.putIfAbsent(call, i) == null) {
          crashed.add(i);
        }
      }
    }

    int last(int observation, int asked, int[] overwrites, int count) {
      int call = layout.callOf[observation];
      for (int i : crashed) {
        if (layout.crashedArrival[i] > observation) {
          break;
        }
        if (crashed.size() > CRASHED_MAX || saves(layout.crashedCalls[i], call)) {
          return Integer.MAX_VALUE;
        }
      }
      int last = -1;
      for (int i = layout.pendingMutators[observation];
          i < layout.pendingStart[observation + 1];
          i++) {
        int rank = layout.pending[i];
        if (layout.isOverwrite[layout.callOf[rank]] && saves(layout.callOf[rank], call)) {
          last = Math.max(last, rank);
        }
      }
      for (int i = count - 1; last < 0 && i >= 0 && overwrites[i] >= asked; i--) {
        if (saves(layout.callOf[overwrites[i]], call)) {
          last = overwrites[i];
        }
      }
      return last;
    }

    private boolean saves(int overwrite, int observation) {
      S after = stateAfter.computeIfAbsent(overwrite, this::after);
      return model.canStillHappen(after, layout.calls.get(observation));
    }

    private S after(int overwrite) {
      C call = layout.calls.get(overwrite);
      return switch (model.step(model.initial(), call)) {
        case Step.Next<S> next -> next.state();
        case Step.Inconsistent<S> no ->
            throw new IllegalStateException(
                "an overwrite cannot happen: " + model.describe(call) + ": " + no.reason());
      };
    }
  }
}
