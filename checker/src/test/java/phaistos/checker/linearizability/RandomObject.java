package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import phaistos.checker.linearizability.Definition.Act;
import phaistos.checker.linearizability.Definition.Op;
import phaistos.checker.linearizability.models.Collections;
import phaistos.checker.linearizability.models.PriorityQueue;
import phaistos.checker.linearizability.models.Queues;
import phaistos.checker.linearizability.models.Register;
import phaistos.checker.linearizability.models.RegisterCall;
import phaistos.checker.linearizability.models.Stack;
import phaistos.histories.Edn;

/**
 * Random short histories of containers: runs of an atomic object by two to four threads, some calls
 * never returning, and then some answers changed. Elements are mostly unique.
 */
final class RandomObject {
  private static final int OPEN = Op.OPEN;

  private final Random random;
  private final Monitored.Kind kind;
  private final List<Op> ops = new ArrayList<>();
  private final List<Integer> contents = new ArrayList<>();
  private int fresh = 1;
  private double repeating;

  private RandomObject(Random random, Monitored.Kind kind) {
    this.random = random;
    this.kind = kind;
  }

  static List<Op> history(Random random, Monitored.Kind kind, int operationsMax) {
    RandomObject object = new RandomObject(random, kind);
    object.run(4 + random.nextInt(operationsMax - 3), 2 + random.nextInt(3));
    for (int i = random.nextInt(4) == 0 ? 0 : 3 + random.nextInt(5); i > 0; i--) {
      object.changeAnAnswer();
    }
    return random.nextInt(5) == 0 ? object.beginning() : object.ops;
  }

  /** Up to some moment; what is open then has the answer that it would get. */
  private List<Op> beginning() {
    int end = random.nextInt(2 * ops.size());
    List<Op> begun = new ArrayList<>();
    for (Op op : ops) {
      if (op.invoked() <= end) {
        int returned = op.returned() <= end ? op.returned() : OPEN;
        begun.add(new Op(op.act(), op.element(), op.answer(), op.invoked(), returned));
      }
    }
    return begun;
  }

  private void run(int count, int threads) {
    double crashing = random.nextInt(3) == 0 ? 0 : 0.12;
    repeating = random.nextInt(6) == 0 ? 0.3 : 0;
    boolean isReadAll = kind == Monitored.Kind.SET && random.nextInt(3) == 0;
    boolean isRemoving = !isReadAll || random.nextInt(4) == 0;
    int[] running = new int[threads];
    boolean[] isDone = new boolean[count];
    List<Integer> lingering = new ArrayList<>();
    java.util.Arrays.fill(running, -1);
    int started = 0;
    int open = 0;
    for (int event = 0; started < count || open > 0; ) {
      int thread = random.nextInt(threads);
      int op = running[thread];
      if (op < 0) {
        if (started < count) {
          ops.add(invoke(event++, isReadAll, isRemoving));
          running[thread] = started++;
          open++;
        }
      } else if (!isDone[op] && random.nextBoolean()) {
        isDone[op] = true;
        take(op);
      } else if (random.nextDouble() < crashing) {
        open--;
        running[thread] = -1;
        if (!isDone[op]) {
          lingering.add(op);
        }
        forget(op);
      } else if (random.nextBoolean()) {
        if (!isDone[op]) {
          isDone[op] = true;
          take(op);
        }
        Op o = ops.get(op);
        ops.set(op, new Op(o.act(), o.element(), o.answer(), o.invoked(), event++));
        running[thread] = -1;
        open--;
      }
      if (!lingering.isEmpty() && random.nextInt(6) == 0) {
        int late = lingering.remove(random.nextInt(lingering.size()));
        take(late);
        forget(late);
      }
    }
  }

  /** It never returned: nobody knows the answer. */
  private void forget(int op) {
    Op o = ops.get(op);
    ops.set(op, new Op(o.act(), o.element(), Definition.UNKNOWN, o.invoked(), OPEN));
  }

  private int element() {
    return fresh > 1 && random.nextDouble() < repeating || fresh == 15
        ? 1 + random.nextInt(fresh - 1)
        : fresh++;
  }

  private Op invoke(int event, boolean isReadAll, boolean isRemoving) {
    int dice = random.nextInt(10);
    int known = Math.max(1, fresh - 1);
    return switch (kind) {
      case REGISTER ->
          dice < 4
              ? new Op(Act.PUT, element(), 0, event, OPEN)
              : new Op(Act.SEE_ONE, 0, Definition.UNKNOWN, event, OPEN);
      case SET -> {
        int one = random.nextInt(4) == 0 ? known : 1 + random.nextInt(known);
        if (dice < 3) {
          yield new Op(Act.PUT, random.nextInt(3) == 0 ? one : element(), 0, event, OPEN);
        }
        if (dice < 5 && isRemoving) {
          yield new Op(Act.TAKE, one, 0, event, OPEN);
        }
        yield isReadAll && dice < 8
            ? new Op(Act.SEE_ALL, 0, Definition.UNKNOWN, event, OPEN)
            : new Op(Act.SEE_ONE, one, Definition.UNKNOWN, event, OPEN);
      }
      case FIFO_QUEUE, UNORDERED_QUEUE, STACK, PRIORITY_QUEUE ->
          dice < 5
              ? new Op(Act.PUT, priority(element()), 0, event, OPEN)
              : new Op(Act.TAKE, 0, Definition.UNKNOWN, event, OPEN);
    };
  }

  /** A permutation of 1 to 15, so that elements of a priority queue come in no order. */
  private int priority(int element) {
    return kind == Monitored.Kind.PRIORITY_QUEUE
        ? element * 7 % 16 == 0 ? 15 : element * 7 % 16
        : element;
  }

  private void take(int place) {
    Op op = ops.get(place);
    int answer =
        switch (op.act()) {
          case PUT -> {
            if (kind == Monitored.Kind.REGISTER) {
              contents.clear();
            }
            if (kind != Monitored.Kind.SET || !contents.contains(op.element())) {
              contents.add(op.element());
            }
            yield 0;
          }
          case TAKE -> takeOut(op);
          case SEE_ONE ->
              kind == Monitored.Kind.REGISTER
                  ? contents.isEmpty() ? 0 : contents.getFirst()
                  : contents.contains(op.element()) ? 1 : 0;
          case SEE_ALL -> contents.stream().mapToInt(e -> 1 << e).sum();
        };
    ops.set(place, new Op(op.act(), op.element(), answer, op.invoked(), op.returned()));
  }

  private int takeOut(Op op) {
    if (kind == Monitored.Kind.SET) {
      contents.remove((Integer) op.element());
      return 0;
    }
    if (contents.isEmpty()) {
      return Definition.NONE;
    }
    return switch (kind) {
      case STACK -> contents.removeLast();
      case UNORDERED_QUEUE -> contents.remove(random.nextInt(contents.size()));
      case PRIORITY_QUEUE -> {
        Integer least = contents.stream().min(Integer::compare).get();
        contents.remove(least);
        yield least;
      }
      default -> contents.removeFirst();
    };
  }

  private void changeAnAnswer() {
    int place = random.nextInt(ops.size());
    Op op = ops.get(place);
    if (!op.isOk() || op.act() == Act.PUT || kind == Monitored.Kind.SET && op.act() == Act.TAKE) {
      return;
    }
    int answer =
        switch (kind) {
          case SET ->
              op.act() == Act.SEE_ONE
                  ? 1 - op.answer()
                  : op.answer() ^ 1 << 1 + random.nextInt(Math.max(1, fresh - 1));
          case REGISTER -> random.nextInt(fresh);
          default -> {
            Op other = ops.get(random.nextInt(ops.size()));
            yield other.act() == Act.PUT ? other.element() : Math.max(0, other.answer());
          }
        };
    ops.set(place, new Op(op.act(), op.element(), answer, op.invoked(), op.returned()));
  }

  // The same as the checker's calls.

  static Model<?, ?> model(Monitored.Kind kind) {
    return switch (kind) {
      case FIFO_QUEUE -> new Queues.FifoQueue();
      case UNORDERED_QUEUE -> new Queues.UnorderedQueue();
      case STACK -> new Stack();
      case PRIORITY_QUEUE -> new PriorityQueue();
      case REGISTER -> new Register(Edn.of(0));
      case SET -> new Collections.SetModel();
    };
  }

  /** The operations as a log of the model's calls; their numbers stay. */
  @SuppressWarnings("unchecked")
  static <C> KeyLog<C> log(Monitored.Kind kind, List<Op> ops) {
    KeyLog<C> log = new KeyLog<>(ops.size());
    int[] at = new int[2 * ops.size() + 2];
    java.util.Arrays.fill(at, Integer.MAX_VALUE);
    for (int i = 0; i < ops.size(); i++) {
      at[ops.get(i).invoked()] = i;
      if (ops.get(i).isOk()) {
        at[ops.get(i).returned()] = ~i;
      }
    }
    for (int event = 0; event < at.length; event++) {
      if (at[event] != Integer.MAX_VALUE) {
        int op = at[event] < 0 ? ~at[event] : at[event];
        C call = (C) call(kind, ops.get(op));
        if (at[event] >= 0) {
          log.invoke(op, call, event);
        } else {
          log.ok(op, call, event);
        }
      }
    }
    return log;
  }

  private static Object call(Monitored.Kind kind, Op op) {
    Edn element = Edn.of(op.element());
    return switch (kind) {
      case REGISTER ->
          op.act() == Act.PUT
              ? new RegisterCall.Write(element)
              : new RegisterCall.Read(
                  op.answer() < 0 ? Optional.empty() : Optional.of(Edn.of(op.answer())));
      case SET ->
          switch (op.act()) {
            case PUT -> new Collections.Add(element);
            case TAKE -> new Collections.Remove(element);
            case SEE_ONE ->
                new Collections.Contains(
                    element, op.answer() < 0 ? Optional.empty() : Optional.of(op.answer() == 1));
            case SEE_ALL ->
                new Collections.ReadAll(
                    op.answer() < 0 ? Optional.empty() : Optional.of(elements(op.answer())));
          };
      case FIFO_QUEUE, UNORDERED_QUEUE, STACK, PRIORITY_QUEUE ->
          op.act() == Act.PUT
              ? new Queues.Enqueue(element)
              : op.answer() == Definition.NONE
                  ? new Queues.FoundEmpty()
                  : new Queues.Dequeue(
                      op.answer() < 0 ? Optional.empty() : Optional.of(Edn.of(op.answer())));
    };
  }

  private static PersistentMap<Edn, Boolean> elements(int bits) {
    PersistentMap<Edn, Boolean> all = PersistentMap.empty();
    for (int i = 1; i < 16; i++) {
      all = (bits & 1 << i) != 0 ? all.with(Edn.of(i), true) : all;
    }
    return all;
  }
}
