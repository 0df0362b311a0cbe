package phaistos.checker.linearizability;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The definition of linearizability for small histories of containers, in code that shares nothing
 * with the checker: every order of the operations that returned and of any of the others, one step
 * at a time. A state is a long: a sequence of elements 1 to 15, four bits each; for a set one bit
 * for each; for a register its value.
 */
final class Definition {
  /** What an operation is. For a register a put is a write and a see is a read. */
  enum Act {
    PUT,
    TAKE,
    SEE_ONE,
    SEE_ALL
  }

  /** An answer that is not known; a take's that nothing was in, and a see's for "no". */
  static final int UNKNOWN = -1;

  static final int NONE = 0;

  /**
   * @param element what goes in, comes out of a set, or is looked for; 0 for other takes
   * @param answer the element of a take, 0 or 1 of a set's see, the value of a register's read, the
   *     elements as bits of a set's read of all
   * @param returned the place of its return; a large one if it is open
   */
  record Op(Act act, int element, int answer, int invoked, int returned) {
    static final int OPEN = 1_000_000;

    boolean isOk() {
      return returned < OPEN;
    }
  }

  private record Configuration(int placed, long state) {}

  private final Monitored.Kind kind;
  private final List<Op> ops;
  private final Set<Configuration> seen = new HashSet<>();
  private int required;

  private Definition(Monitored.Kind kind, List<Op> ops) {
    this.kind = kind;
    this.ops = ops;
    for (int i = 0; i < ops.size(); i++) {
      required |= ops.get(i).isOk() ? 1 << i : 0;
    }
  }

  static boolean isLinearizable(Monitored.Kind kind, List<Op> ops) {
    return new Definition(kind, ops).goOn(0, 0);
  }

  private boolean goOn(int placed, long state) {
    if ((placed & required) == required) {
      return true;
    }
    if (!seen.add(new Configuration(placed, state))) {
      return false;
    }
    int earliestReturn = Integer.MAX_VALUE;
    for (int i = 0; i < ops.size(); i++) {
      if ((placed & 1 << i) == 0) {
        earliestReturn = Math.min(earliestReturn, ops.get(i).returned);
      }
    }
    for (int i = 0; i < ops.size(); i++) {
      if ((placed & 1 << i) == 0 && ops.get(i).invoked < earliestReturn) {
        for (long next : steps(state, ops.get(i))) {
          if (goOn(placed | 1 << i, next)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static final long[] IMPOSSIBLE = {};

  /** The states that this operation may lead to. */
  private long[] steps(long state, Op op) {
    return switch (kind) {
      case REGISTER ->
          op.act == Act.PUT
              ? one(op.element)
              : op.answer == UNKNOWN || op.answer == state ? one(state) : IMPOSSIBLE;
      case SET -> setSteps(state, op);
      case FIFO_QUEUE, UNORDERED_QUEUE, STACK, PRIORITY_QUEUE -> containerSteps(state, op);
    };
  }

  private static long[] one(long state) {
    return new long[] {state};
  }

  private static long[] setSteps(long state, Op op) {
    return switch (op.act) {
      case PUT -> one(state | 1L << op.element);
      case TAKE -> one(state & ~(1L << op.element));
      case SEE_ONE ->
          op.answer == UNKNOWN || op.answer == (state >> op.element & 1) ? one(state) : IMPOSSIBLE;
      case SEE_ALL -> op.answer == UNKNOWN || op.answer == state ? one(state) : IMPOSSIBLE;
    };
  }

  private long[] containerSteps(long state, Op op) {
    if (op.act == Act.PUT) {
      return one(put(state, op.element));
    }
    if (op.answer == NONE) {
      return state == 0 ? one(state) : IMPOSSIBLE;
    }
    long[] next = new long[16];
    int count = 0;
    for (int place = 0; place < size(state); place++) {
      long element = state >> 4 * place & 15;
      boolean isTurn =
          switch (kind) {
            case FIFO_QUEUE, PRIORITY_QUEUE -> place == 0;
            case STACK -> place == size(state) - 1;
            default -> true;
          };
      if (isTurn && (op.answer == UNKNOWN || op.answer == element)) {
        long below = state & (1L << 4 * place) - 1;
        next[count++] = below | state >> 4 * place + 4 << 4 * place;
      }
    }
    // a take that never returned may have found nothing: then it changed nothing
    return java.util.Arrays.copyOf(next, count);
  }

  private static int size(long state) {
    return (64 - Long.numberOfLeadingZeros(state) + 3) / 4;
  }

  /** At the end; where order is no matter, by size. */
  private long put(long state, int element) {
    int place = 0;
    boolean isSorted =
        kind == Monitored.Kind.PRIORITY_QUEUE || kind == Monitored.Kind.UNORDERED_QUEUE;
    while (place < size(state) && !(isSorted && (state >> 4 * place & 15) > element)) {
      place++;
    }
    long below = state & (1L << 4 * place) - 1;
    return below | (long) element << 4 * place | state >> 4 * place << 4 * place + 4;
  }
}
