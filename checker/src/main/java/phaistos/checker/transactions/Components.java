package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Strongly connected components (Tarjan 1972, without recursion), in time and memory linear in
 * vertices and edges. Not thread-safe.
 */
final class Components {
  private final Edges edges;
  private final int mask;
  private final Optional<Realtime> realtime;
  private final Runnable tick;

  private final int[] number;
  private final int[] low;
  private final Ints stack = new Ints();
  private final Ints path = new Ints();
  private final Ints cursor = new Ints();
  private final List<int[]> found = new ArrayList<>();
  private int visited;

  private Components(Edges edges, int mask, Optional<Realtime> realtime, Runnable tick) {
    this.tick = tick;
    this.edges = edges;
    this.mask = mask;
    this.realtime = realtime;
    int vertices = realtime.map(Realtime::vertexCount).orElse(edges.vertexCount());
    number = new int[vertices];
    low = new int[vertices];
  }

  /** Components of two or more vertices over edges with one of these relationships. */
  static List<int[]> of(Edges edges, int mask) {
    return new Components(edges, mask, Optional.empty(), () -> {}).search();
  }

  /** Components of two or more transactions, real-time order included; sorted within. */
  static List<int[]> of(Edges edges, Optional<Realtime> realtime, Patience patience) {
    return new Components(edges, ~0, realtime, patience::tick).search();
  }

  private List<int[]> search() {
    for (int vertex = 0; vertex < number.length; vertex++) {
      if (number[vertex] == 0) {
        visit(vertex);
      }
    }
    return found;
  }

  private void visit(int start) {
    enter(start);
    while (path.size() > 0) {
      int vertex = path.last();
      int next = nextTarget(vertex);
      if (next < 0) {
        leave(vertex);
      } else if (number[next] == 0) {
        enter(next);
      } else if (number[next] > 0) {
        low[vertex] = Math.min(low[vertex], number[next]);
      }
    }
  }

  private void enter(int vertex) {
    tick.run();
    number[vertex] = ++visited;
    low[vertex] = visited;
    stack.add(vertex);
    path.add(vertex);
    cursor.add(0);
  }

  /** Takes the next edge out of the path's end; -1 when there is none. */
  private int nextTarget(int vertex) {
    int place = cursor.last();
    if (vertex >= edges.vertexCount()) {
      Realtime order = realtime.orElseThrow();
      cursor.set(cursor.size() - 1, place + 1);
      return place < order.outDegree(vertex) ? order.out(vertex, place) : -1;
    }
    int from = edges.from(vertex);
    int to = edges.to(vertex);
    while (from + place < to) {
      int edge = from + place++;
      if ((edges.mask(edge) & mask) != 0) {
        cursor.set(cursor.size() - 1, place);
        return edges.target(edge);
      }
    }
    cursor.set(cursor.size() - 1, place + 1);
    return realtime.isPresent() && from + place == to ? realtime.get().linkOf(vertex) : -1;
  }

  private void leave(int vertex) {
    path.pop();
    cursor.pop();
    if (path.size() > 0) {
      int before = path.last();
      low[before] = Math.min(low[before], low[vertex]);
    }
    if (low[vertex] != number[vertex]) {
      return;
    }
    int end = stack.size();
    int begin = end;
    int members = 0;
    do {
      begin--;
      members += stack.get(begin) < edges.vertexCount() ? 1 : 0;
      number[stack.get(begin)] = -1;
    } while (stack.get(begin) != vertex);
    int[] component = members > 1 ? new int[members] : null;
    while (stack.size() > begin) {
      int member = stack.pop();
      if (component != null && member < edges.vertexCount()) {
        component[--members] = member;
      }
    }
    if (component != null) {
      Arrays.sort(component);
      found.add(component);
    }
  }
}
