package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Operation;

/**
 * The definition of linearizability, spelt out: for every set of operations, the states in which
 * one can be after exactly these, in some order that respects real time. No pruning, no keys, no
 * hints of the model. For up to some dozen operations.
 */
final class BruteForce {
  private BruteForce() {}

  static <S, C> boolean isLinearizable(Model<S, C> model, History<C> history) {
    return !finalStates(model, history.operations(), Set.of(Map.of())).isEmpty();
  }

  /**
   * The states after all operations that returned and any of the crashed ones, from any of these;
   * states by key, where a key without one is in the model's initial state.
   */
  static <S, C> Set<Map<Optional<Edn>, S>> finalStates(
      Model<S, C> model, List<Operation<C>> given, Set<Map<Optional<Edn>, S>> start) {
    List<Operation<C>> operations = given.stream().filter(o -> !o.isFail()).toList();
    int count = operations.size();
    int[] before = new int[count];
    int mustHappen = 0;
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < count; j++) {
        if (isBefore(operations.get(j), operations.get(i))) {
          before[i] |= 1 << j;
        }
      }
      mustHappen |= operations.get(i).isOk() ? 1 << i : 0;
    }
    Set<Map<Optional<Edn>, S>> end = new LinkedHashSet<>();
    List<Set<Map<Optional<Edn>, S>>> reached = new ArrayList<>();
    for (int set = 0; set < 1 << count; set++) {
      reached.add(set == 0 ? start : new HashSet<>());
    }
    for (int set = 0; set < 1 << count; set++) {
      if (reached.get(set).isEmpty()) {
        continue;
      }
      if ((set & mustHappen) == mustHappen) {
        end.addAll(reached.get(set));
      }
      for (int i = 0; i < count; i++) {
        if ((set & 1 << i) == 0 && (before[i] & ~set) == 0) {
          for (Map<Optional<Edn>, S> state : reached.get(set)) {
            step(model, state, operations.get(i)).ifPresent(reached.get(set | 1 << i)::add);
          }
        }
      }
    }
    return end;
  }

  /**
   * The index of the first ok such that the history up to it has no order, in the first key for
   * which there is none. What returns later is open then, with its result known.
   */
  static <S, C> long stop(Model<S, C> model, History<C> history) {
    Map<Optional<Edn>, List<Operation<C>>> byKey = new LinkedHashMap<>();
    for (Operation<C> operation : history.operations()) {
      Optional<Edn> key = model.independentKey(operation.invocation().call());
      byKey.computeIfAbsent(key, _ -> new ArrayList<>()).add(operation);
    }
    for (List<Operation<C>> operations : byKey.values()) {
      for (Event<C> event : history.events()) {
        List<Operation<C>> before = until(event.index(), operations);
        if (event instanceof Event.Ok<C>
            && finalStates(model, before, Set.of(Map.of())).isEmpty()) {
          return event.index();
        }
      }
    }
    throw new IllegalArgumentException("the history is linearizable");
  }

  private static <C> List<Operation<C>> until(long index, List<Operation<C>> operations) {
    List<Operation<C>> before = new ArrayList<>();
    for (Operation<C> operation : operations) {
      if (operation.invocation().index() > index) {
        continue;
      }
      boolean isLater = operation.isOk() && operation.completion().get().index() > index;
      before.add(
          isLater
              ? new Operation<>(
                  new Event.Invoke<>(
                      operation.invocation().index(),
                      -1,
                      operation.invocation().process(),
                      operation.completion().get().call(),
                      Details.NONE),
                  Optional.empty())
              : operation);
    }
    return before;
  }

  private static <C> boolean isBefore(Operation<C> first, Operation<C> second) {
    return first.isOk() && first.completion().get().index() < second.invocation().index();
  }

  private static <S, C> Optional<Map<Optional<Edn>, S>> step(
      Model<S, C> model, Map<Optional<Edn>, S> state, Operation<C> operation) {
    C call =
        operation.completion().isPresent() && operation.completion().get() instanceof Event.Ok<C> ok
            ? ok.call()
            : operation.invocation().call();
    Optional<Edn> key = model.independentKey(call);
    S now = state.containsKey(key) ? state.get(key) : model.initial();
    if (model.step(now, call) instanceof Step.Next<S> next) {
      Map<Optional<Edn>, S> changed = new HashMap<>(state);
      changed.put(key, next.state());
      return Optional.of(changed);
    }
    return Optional.empty();
  }
}
