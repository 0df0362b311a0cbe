package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.List;

/**
 * A class of cycles by the labels of their edges: what Adya calls G0, G1c, G-single and G2, and
 * what lies between, each with data dependencies only, or with at least one edge of a process'
 * order, or of real time.
 *
 * @param session 0, {@link Edges#PROCESS} or {@link Edges#REALTIME}
 */
record CycleClass(Anomaly anomaly, Shape shape, int session) {
  enum Shape {
    /** Writes only. */
    WRITES,
    /** Writes and at least one read. */
    INFORMATION,
    /** Exactly one anti-dependency. */
    ONE_RW,
    /** Several anti-dependencies, no two of them in a row. */
    NONADJACENT_RW,
    /** Several anti-dependencies, two of them in a row. */
    ADJACENT_RW
  }

  /** All, the worst first: data before process before real time. */
  static final List<CycleClass> ALL = all();

  private static List<CycleClass> all() {
    List<CycleClass> classes = new ArrayList<>();
    for (int session : new int[] {0, Edges.PROCESS, Edges.REALTIME}) {
      classes.add(new CycleClass(pick(Anomaly.G0, session), Shape.WRITES, session));
      classes.add(new CycleClass(pick(Anomaly.G1C, session), Shape.INFORMATION, session));
      classes.add(new CycleClass(pick(Anomaly.G_SINGLE_ITEM, session), Shape.ONE_RW, session));
      classes.add(
          new CycleClass(pick(Anomaly.G_NONADJACENT_ITEM, session), Shape.NONADJACENT_RW, session));
      classes.add(new CycleClass(pick(Anomaly.G2_ITEM, session), Shape.ADJACENT_RW, session));
    }
    return List.copyOf(classes);
  }

  private static Anomaly pick(Anomaly base, int session) {
    String suffix =
        switch (session) {
          case Edges.PROCESS -> "-process";
          case Edges.REALTIME -> "-realtime";
          default -> "";
        };
    return Anomaly.named(base.label() + suffix).orElseThrow();
  }

  /** The class of a cycle with these labels in this order. */
  static CycleClass of(int[] labels) {
    int count = labels.length;
    int rws = 0;
    boolean adjacent = false;
    boolean read = false;
    int session = 0;
    for (int i = 0; i < count; i++) {
      boolean rw = labels[i] == Edges.RW;
      rws += rw ? 1 : 0;
      adjacent |= rw && labels[(i + 1) % count] == Edges.RW;
      read |= labels[i] == Edges.WR;
      session = Math.max(session, labels[i] & Edges.SESSION);
    }
    Shape shape = Shape.WRITES;
    if (rws == 1) {
      shape = Shape.ONE_RW;
    } else if (rws > 1) {
      shape = adjacent ? Shape.ADJACENT_RW : Shape.NONADJACENT_RW;
    } else if (read) {
      shape = Shape.INFORMATION;
    }
    for (CycleClass candidate : ALL) {
      if (candidate.shape == shape && candidate.session == session) {
        return candidate;
      }
    }
    throw new IllegalStateException("no class: shape=" + shape + ", session=" + session);
  }

  /** What people call a cycle of this kind, beside the name of its class. */
  static String commonName(Anomaly anomaly) {
    if (anomaly == Anomaly.WRITE_SKEW) {
      return "write skew";
    }
    return ALL.stream()
        .filter(one -> one.anomaly == anomaly)
        .findFirst()
        .map(CycleClass::commonName)
        .orElseGet(anomaly::label);
  }

  private String commonName() {
    return switch (shape) {
      case WRITES -> "write cycle";
      case INFORMATION -> "circular information flow";
      case ONE_RW -> session == 0 ? "read skew" : "stale read";
      case NONADJACENT_RW -> "long fork";
      case ADJACENT_RW -> "write skew";
    };
  }

  // The search walks from vertex to vertex with a small state: what it has seen of the cycle.
  // Bits: 1 a session edge, 2 the last edge was an anti-dependency, 4 there were two of them.
  static final int STATES = 8;
  static final int SEEN_SESSION = 1;
  static final int LAST_RW = 2;
  static final int TWO_RW = 4;
  static final int DEAD = -1;

  /** The state after the first edge of a cycle; {@link #DEAD} if none of this class starts so. */
  int begin(int label) {
    boolean isSession = (label & Edges.SESSION) != 0;
    return switch (shape) {
      case WRITES -> {
        if (session == 0) {
          yield label == Edges.WW ? 0 : DEAD;
        }
        yield label == session ? SEEN_SESSION : DEAD;
      }
      case INFORMATION -> label == Edges.WR ? 0 : DEAD;
      case ONE_RW, NONADJACENT_RW, ADJACENT_RW -> label == Edges.RW && !isSession ? LAST_RW : DEAD;
    };
  }

  /** The state after one more edge. */
  int step(int state, int label) {
    if ((label & Edges.SESSION) != 0) {
      if (label != session || needsAdjacent(state)) {
        return DEAD;
      }
      return (state | SEEN_SESSION) & ~LAST_RW;
    }
    if (label != Edges.RW) {
      boolean allowed = label == Edges.WW || shape != Shape.WRITES;
      return allowed && !needsAdjacent(state) ? state & ~LAST_RW : DEAD;
    }
    return switch (shape) {
      case WRITES, INFORMATION, ONE_RW -> DEAD;
      case NONADJACENT_RW -> (state & LAST_RW) != 0 ? DEAD : state | LAST_RW | TWO_RW;
      case ADJACENT_RW -> state | LAST_RW | TWO_RW;
    };
  }

  /** A cycle with two anti-dependencies in a row is always entered at the first of the two. */
  private boolean needsAdjacent(int state) {
    return shape == Shape.ADJACENT_RW && (state & TWO_RW) == 0;
  }

  /** Whether the cycle may close in this state. */
  boolean accepts(int state) {
    boolean enoughSession = session == 0 || (state & SEEN_SESSION) != 0;
    return enoughSession
        && switch (shape) {
          case WRITES, INFORMATION, ONE_RW -> true;
          case NONADJACENT_RW -> (state & (TWO_RW | LAST_RW)) == TWO_RW;
          case ADJACENT_RW -> (state & TWO_RW) != 0;
        };
  }
}
