package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.Process;

/**
 * Databases over lists of a known strength, in one thread: a seed draws the transactions and who
 * moves next. Each move is a begin, one step, or an end, so that transactions interleave at every
 * step.
 */
final class SimulatedDatabase {
  enum Strength {
    /** Runs each transaction at its end, all at once. */
    STRICT_SERIALIZABLE,
    /** The same, but transactions that only read may see any state since the beginning. */
    SERIALIZABLE,
    /** Reads a snapshot; of two that write a key at the same time one fails. */
    SNAPSHOT_ISOLATION,
    /** Each read sees the latest committed state; writers of a key exclude each other. */
    READ_COMMITTED,
    /** Reads see all appends, committed or not; writers of a key exclude each other. */
    READ_UNCOMMITTED,
    /** Snapshots whose whole lists overwrite what others wrote since. */
    LOSES_UPDATES,
    /** Reads committed state, but sometimes what has not committed, or never will. */
    DIRTY_READS,
    /** Two sites with snapshots of their own; each key is written at one; commits travel slowly. */
    LONG_FORK
  }

  /** Those in which a writer keeps other writers of the key out until its end. */
  private static final Set<Strength> LOCKING =
      Set.of(Strength.READ_COMMITTED, Strength.READ_UNCOMMITTED, Strength.DIRTY_READS);

  private final Strength strength;
  private final SplittableRandom random;
  private final int processes;
  private final int keys;
  private final int stepsMax;
  private final List<Event<TxnCall>> events = new ArrayList<>();

  /** Committed states: the last is the current one; of LONG_FORK per site. */
  private final List<Map<Integer, List<Integer>>> committed = new ArrayList<>();

  private final List<Map<Integer, Integer>> changedAt = new ArrayList<>();
  private final Map<Integer, List<Integer>> dirty = new HashMap<>();
  private final Map<Integer, Integer> lockedBy = new HashMap<>();
  private final List<Map<Integer, List<Integer>>> sites = new ArrayList<>();
  private final List<Travelling> travelling = new ArrayList<>();
  private final Map<Integer, Integer> nextElement = new HashMap<>();
  private final List<Running> running = new ArrayList<>();
  private int left;

  private record Travelling(int toSite, Map<Integer, List<Integer>> appends) {}

  private static final class Running {
    int process;
    int site;
    List<MicroOp> call;
    final List<MicroOp> done = new ArrayList<>();
    int version;
    Map<Integer, List<Integer>> snapshot;
    final Map<Integer, List<Integer>> appends = new HashMap<>();
    boolean aborts;
  }

  SimulatedDatabase(Strength strength, long seed, int processes, int keys, int stepsMax) {
    this.strength = strength;
    this.random = new SplittableRandom(seed);
    this.processes = processes;
    this.keys = keys;
    this.stepsMax = stepsMax;
    committed.add(Map.of());
    changedAt.add(Map.of());
    sites.add(new HashMap<>());
    sites.add(new HashMap<>());
  }

  /** A history of so many transactions. */
  List<Event<TxnCall>> run(int transactions) {
    left = transactions;
    Set<Integer> busy = new HashSet<>();
    while (left > 0 || !running.isEmpty()) {
      int process = random.nextInt(processes);
      if (busy.contains(process)) {
        Running one = running.stream().filter(r -> r.process == process).findFirst().orElseThrow();
        if (move(one)) {
          running.remove(one);
          busy.remove(process);
        }
      } else if (left > 0) {
        left--;
        busy.add(process);
        running.add(begin(process));
      }
      if (!travelling.isEmpty() && random.nextInt(6) == 0) {
        Travelling first = travelling.removeFirst();
        install(sites.get(first.toSite), first.appends);
      }
    }
    return events;
  }

  private Running begin(int process) {
    Running one = new Running();
    one.process = process;
    one.site = process % 2;
    one.call = draw(one);
    one.version = committed.size() - 1;
    one.aborts = strength != Strength.STRICT_SERIALIZABLE && random.nextInt(8) == 0;
    one.snapshot = strength == Strength.LONG_FORK ? copy(sites.get(one.site)) : committed.getLast();
    events.add(event(one, one.call, "invoke"));
    return one;
  }

  private List<MicroOp> draw(Running one) {
    List<MicroOp> steps = new ArrayList<>();
    int count = 1 + random.nextInt(stepsMax);
    for (int i = 0; i < count; i++) {
      int key = random.nextInt(keys);
      boolean mine = strength != Strength.LONG_FORK || key % 2 == one.site;
      if (random.nextBoolean() && mine) {
        int element = nextElement.merge(key, 1, Integer::sum);
        steps.add(new MicroOp.Append(Edn.of(key), Edn.of(element)));
      } else {
        steps.add(new MicroOp.ReadList(Edn.of(key), Optional.empty()));
      }
    }
    return steps;
  }

  /** One step, or the end: then true. */
  private boolean move(Running one) {
    if (one.done.size() < one.call.size()) {
      boolean atomic =
          strength == Strength.STRICT_SERIALIZABLE || strength == Strength.SERIALIZABLE;
      if (!atomic) {
        return step(one, one.call.get(one.done.size()));
      }
      one.snapshot = stateToRunOn(one);
      one.version = committed.size() - 1;
      for (MicroOp step : one.call) {
        step(one, step);
      }
    }
    return end(one);
  }

  private Map<Integer, List<Integer>> stateToRunOn(Running one) {
    boolean readsOnly = one.call.stream().allMatch(step -> step instanceof MicroOp.ReadList);
    return strength == Strength.SERIALIZABLE && readsOnly
        ? committed.get(random.nextInt(committed.size()))
        : committed.getLast();
  }

  /** Whether the transaction had to fail. */
  private boolean step(Running one, MicroOp step) {
    int key = (int) ((Edn.Int) step.key()).value();
    if (step instanceof MicroOp.Append append) {
      int element = (int) ((Edn.Int) append.element()).value();
      if (LOCKING.contains(strength)) {
        Integer holder = lockedBy.putIfAbsent(key, one.process);
        if (holder != null && holder != one.process) {
          abort(one);
          return true;
        }
      }
      if (strength == Strength.READ_UNCOMMITTED || strength == Strength.DIRTY_READS) {
        dirty.computeIfAbsent(key, _ -> new ArrayList<>()).add(element);
      }
      one.appends.computeIfAbsent(key, _ -> new ArrayList<>()).add(element);
      one.done.add(step);
      return false;
    }
    List<Integer> seen = read(one, key);
    List<Edn> list = seen.stream().<Edn>map(Edn::of).toList();
    one.done.add(new MicroOp.ReadList(step.key(), Optional.of(list)));
    return false;
  }

  private List<Integer> read(Running one, int key) {
    List<Integer> own = one.appends.getOrDefault(key, List.of());
    if (strength == Strength.READ_UNCOMMITTED) {
      return concat(committed.getLast().getOrDefault(key, List.of()), dirty.get(key));
    }
    if (strength == Strength.DIRTY_READS && own.isEmpty() && random.nextInt(3) == 0) {
      return concat(committed.getLast().getOrDefault(key, List.of()), dirty.get(key));
    }
    boolean latest = strength == Strength.READ_COMMITTED || strength == Strength.DIRTY_READS;
    Map<Integer, List<Integer>> state = latest ? committed.getLast() : one.snapshot;
    return concat(state.getOrDefault(key, List.of()), own);
  }

  private static List<Integer> concat(List<Integer> a, List<Integer> b) {
    List<Integer> all = new ArrayList<>(a);
    if (b != null) {
      all.addAll(b);
    }
    return all;
  }

  private boolean end(Running one) {
    boolean conflict =
        strength == Strength.SNAPSHOT_ISOLATION
            && one.appends.keySet().stream()
                .anyMatch(key -> changedAt.getLast().getOrDefault(key, 0) > one.version);
    boolean siteConflict =
        strength == Strength.LONG_FORK
            && one.appends.keySet().stream()
                .anyMatch(
                    key ->
                        !sites
                            .get(one.site)
                            .getOrDefault(key, List.of())
                            .equals(one.snapshot.getOrDefault(key, List.of())));
    if (conflict || siteConflict || one.aborts) {
      abort(one);
      return true;
    }
    release(one);
    commit(one);
    events.add(event(one, one.done, "ok"));
    return true;
  }

  private void commit(Running one) {
    if (one.appends.isEmpty()) {
      return;
    }
    if (strength == Strength.LONG_FORK) {
      install(sites.get(one.site), one.appends);
      travelling.add(new Travelling(1 - one.site, copy(one.appends)));
      return;
    }
    Map<Integer, List<Integer>> next = copy(committed.getLast());
    Map<Integer, Integer> changed = new HashMap<>(changedAt.getLast());
    if (strength == Strength.LOSES_UPDATES) {
      one.appends.forEach(
          (key, own) -> next.put(key, concat(one.snapshot.getOrDefault(key, List.of()), own)));
    } else {
      install(next, one.appends);
    }
    one.appends.keySet().forEach(key -> changed.put(key, committed.size()));
    committed.add(next);
    changedAt.add(changed);
  }

  private static void install(
      Map<Integer, List<Integer>> state, Map<Integer, List<Integer>> appends) {
    appends.forEach((key, own) -> state.put(key, concat(state.getOrDefault(key, List.of()), own)));
  }

  private static Map<Integer, List<Integer>> copy(Map<Integer, List<Integer>> state) {
    Map<Integer, List<Integer>> copy = new HashMap<>();
    state.forEach((key, list) -> copy.put(key, List.copyOf(list)));
    return copy;
  }

  private void abort(Running one) {
    release(one);
    events.add(event(one, one.call, "fail"));
  }

  private void release(Running one) {
    one.appends.forEach(
        (key, own) -> {
          if (dirty.containsKey(key)) {
            dirty.get(key).removeAll(own);
          }
        });
    lockedBy.values().removeIf(holder -> holder == one.process);
  }

  private Event<TxnCall> event(Running one, List<MicroOp> steps, String type) {
    long index = events.size();
    Process process = new Process.Client(one.process);
    TxnCall call = new TxnCall(steps);
    return switch (type) {
      case "invoke" -> new Event.Invoke<>(index, index, process, call, Details.NONE);
      case "ok" -> new Event.Ok<>(index, index, process, call, Details.NONE);
      default -> new Event.Fail<>(index, index, process, call, Details.NONE);
    };
  }
}
