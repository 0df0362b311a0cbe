package phaistos.checker.transactions;

import java.util.function.Consumer;

/**
 * Directed edges among numbered vertices, each with a set of relationships, packed: five bytes an
 * edge. Edges may stand there more than once. Immutable.
 */
final class Edges {
  static final int WW = 1;
  static final int WR = 2;
  static final int RW = 4;
  static final int PROCESS = 8;
  static final int REALTIME = 16;
  static final int SESSION = PROCESS | REALTIME;

  /** Takes one edge. */
  interface Sink {
    void edge(int from, int to, int mask);
  }

  private static final int EDGES_MAX = Integer.MAX_VALUE - 8;

  private final int[] start;
  private final int[] target;
  private final byte[] mask;

  private Edges(int[] start, int[] target, byte[] mask) {
    this.start = start;
    this.target = target;
    this.mask = mask;
  }

  /**
   * What the source emits; it is asked twice and must say the same both times.
   *
   * @throws Patience.Over if there are more than an array can hold
   */
  static Edges of(int vertices, Consumer<Sink> source) {
    int[] start = new int[vertices + 1];
    source.accept((from, to, mask) -> start[from + 1]++);
    long count = 0;
    for (int i = 0; i < vertices; i++) {
      count += Integer.toUnsignedLong(start[i + 1]);
      start[i + 1] = (int) count;
      if (count > EDGES_MAX) {
        throw new Patience.Over("there are more than " + EDGES_MAX + " dependencies");
      }
    }
    int[] target = new int[start[vertices]];
    byte[] masks = new byte[target.length];
    int[] next = start.clone();
    source.accept(
        (from, to, mask) -> {
          int place = next[from]++;
          target[place] = to;
          masks[place] = (byte) mask;
        });
    return new Edges(start, target, masks);
  }

  int vertexCount() {
    return start.length - 1;
  }

  int count() {
    return target.length;
  }

  int from(int vertex) {
    return start[vertex];
  }

  int to(int vertex) {
    return start[vertex + 1];
  }

  int target(int edge) {
    return target[edge];
  }

  int mask(int edge) {
    return mask[edge];
  }

  /** "ww", "wr", "rw", "process" or "realtime". */
  static String word(int label) {
    return switch (label) {
      case WW -> "ww";
      case WR -> "wr";
      case RW -> "rw";
      case PROCESS -> "process";
      case REALTIME -> "realtime";
      default -> throw new IllegalArgumentException("no single relationship: " + label);
    };
  }
}
