package phaistos.bench;

import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Consumer;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/**
 * Histories of a queue, a stack or a priority queue that behaves, with elements that go in once;
 * some calls crash before or after they took effect. Seeded; the events come one by one.
 */
final class ContainerHistories {
  private static final Edn EMPTY = Edn.keyword("empty");

  /** The names of the object's functions, and the object. */
  enum Kind {
    FIFO_QUEUE("fifo-queue", "enqueue", "dequeue"),
    STACK("stack", "push", "pop"),
    PRIORITY_QUEUE("priority-queue", "insert", "delete-min");

    final String model;
    private final Edn put;
    private final Edn take;

    Kind(String model, String put, String take) {
      this.model = model;
      this.put = Edn.keyword(put);
      this.take = Edn.keyword(take);
    }
  }

  private record Running(long process, boolean isPut, int element, Edn answer, boolean isDone) {}

  private final Kind kind;
  private final Random random = new Random(4);
  private final Running[] running;
  private final double crashing;
  private final ArrayDeque<Integer> deque = new ArrayDeque<>();
  private final PriorityQueue<Integer> heap = new PriorityQueue<>();
  private final int[] elements;
  private long fresh;
  private int used;
  private long index;

  ContainerHistories(Kind kind, int operations, int processes, double crashing) {
    this.kind = kind;
    this.running = new Running[processes];
    this.crashing = crashing;
    this.elements = new int[operations];
    for (int i = 0; i < operations; i++) {
      int place = random.nextInt(i + 1);
      elements[i] = elements[place];
      elements[place] = i;
    }
  }

  void run(Consumer<Event<UntypedCall>> out) {
    for (int started = 0; started < elements.length; ) {
      int thread = random.nextInt(running.length);
      Running call = running[thread];
      if (call == null) {
        boolean isPut = random.nextBoolean();
        int element = isPut ? elements[used++] : -1;
        running[thread] = new Running(fresh++, isPut, element, Edn.NIL, false);
        out.accept(
            new Event.Invoke<>(index++, -1, who(thread), called(running[thread]), Details.NONE));
        started++;
      } else if (!call.isDone && random.nextInt(3) > 0) {
        running[thread] = take(call);
      } else {
        if (random.nextDouble() < crashing) {
          UntypedCall invoked =
              called(new Running(call.process, call.isPut, call.element, Edn.NIL, false));
          out.accept(new Event.Info<>(index++, -1, who(thread), invoked, Details.NONE));
        } else {
          running[thread] = call.isDone ? call : take(call);
          out.accept(
              new Event.Ok<>(index++, -1, who(thread), called(running[thread]), Details.NONE));
        }
        running[thread] = null;
      }
    }
  }

  private Process who(int thread) {
    return new Process.Client(running[thread].process);
  }

  private UntypedCall called(Running call) {
    return call.isPut
        ? new UntypedCall(kind.put, Edn.of(call.element))
        : new UntypedCall(kind.take, call.answer);
  }

  private Running take(Running call) {
    Edn answer = Edn.NIL;
    if (call.isPut) {
      deque.addLast(call.element);
      heap.add(call.element);
    } else {
      Integer element =
          switch (kind) {
            case FIFO_QUEUE -> deque.pollFirst();
            case STACK -> deque.pollLast();
            case PRIORITY_QUEUE -> heap.poll();
          };
      answer = element == null ? EMPTY : Edn.of(element);
    }
    return new Running(call.process, call.isPut, call.element, answer, true);
  }
}
