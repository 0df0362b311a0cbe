package phaistos.checker.linearizability.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/**
 * An immutable multiset with fast access to the smallest elements: a treap (Seidel and Aragon
 * 1996). Priorities are mixed hashes of the elements, so that equal multisets mostly have equal
 * trees. Compared by hash first, then by content.
 */
public final class SortedBag {
  static final SortedBag EMPTY = new SortedBag(Optional.empty(), 0, 0);
  private static final int SHOWN = 8;

  private record Node(
      Edn element, int count, int priority, Optional<Node> left, Optional<Node> right) {
    Node with(Optional<Node> newLeft, Optional<Node> newRight) {
      return new Node(element, count, priority, newLeft, newRight);
    }
  }

  private final Optional<Node> root;
  private final int size;
  private final int hash;

  private SortedBag(Optional<Node> root, int size, int hash) {
    this.root = root;
    this.size = size;
    this.hash = hash;
  }

  int size() {
    return size;
  }

  private static int mixed(Edn element) {
    int h = element.hashCode() * 0x9E3779B9;
    return h ^ h >>> 15;
  }

  /** By {@link EdnOrder}; different elements that compare as equal, by their text. */
  private static int compare(Edn a, Edn b) {
    int order = EdnOrder.INSTANCE.compare(a, b);
    return order != 0 || a.equals(b) ? order : EdnWriter.print(a).compareTo(EdnWriter.print(b));
  }

  SortedBag plus(Edn element) {
    return new SortedBag(Optional.of(plus(root, element)), size + 1, hash + mixed(element));
  }

  private static Node plus(Optional<Node> at, Edn element) {
    if (at.isEmpty()) {
      return new Node(element, 1, mixed(element), Optional.empty(), Optional.empty());
    }
    Node node = at.get();
    int order = compare(element, node.element);
    if (order == 0) {
      return new Node(node.element, node.count + 1, node.priority, node.left, node.right);
    }
    if (order < 0) {
      Node left = plus(node.left, element);
      return left.priority > node.priority
          ? left.with(left.left, Optional.of(node.with(left.right, node.right)))
          : node.with(Optional.of(left), node.right);
    }
    Node right = plus(node.right, element);
    return right.priority > node.priority
        ? right.with(Optional.of(node.with(node.left, right.left)), right.right)
        : node.with(node.left, Optional.of(right));
  }

  boolean contains(Edn element) {
    Optional<Node> at = root;
    while (at.isPresent()) {
      int order = compare(element, at.get().element);
      if (order == 0) {
        return true;
      }
      at = order < 0 ? at.get().left : at.get().right;
    }
    return false;
  }

  /** One less of the element, which is there. */
  SortedBag minus(Edn element) {
    return new SortedBag(minus(root, element), size - 1, hash - mixed(element));
  }

  private static Optional<Node> minus(Optional<Node> at, Edn element) {
    Node node = at.orElseThrow();
    int order = compare(element, node.element);
    if (order < 0) {
      return Optional.of(node.with(minus(node.left, element), node.right));
    }
    if (order > 0) {
      return Optional.of(node.with(node.left, minus(node.right, element)));
    }
    return node.count > 1
        ? Optional.of(new Node(node.element, node.count - 1, node.priority, node.left, node.right))
        : join(node.left, node.right);
  }

  private static Optional<Node> join(Optional<Node> left, Optional<Node> right) {
    if (left.isEmpty() || right.isEmpty()) {
      return left.or(() -> right);
    }
    Node l = left.get();
    Node r = right.get();
    return Optional.of(
        l.priority >= r.priority
            ? l.with(l.left, join(l.right, right))
            : r.with(join(left, r.left), r.right));
  }

  /** The smallest, of a bag that is not empty. */
  Edn first() {
    Node node = root.orElseThrow();
    while (node.left.isPresent()) {
      node = node.left.get();
    }
    return node.element;
  }

  private List<Edn> elements(int limit) {
    List<Edn> all = new ArrayList<>();
    collect(root, limit, all);
    return all;
  }

  private static void collect(Optional<Node> at, int limit, List<Edn> into) {
    if (at.isPresent() && into.size() < limit) {
      collect(at.get().left, limit, into);
      for (int i = 0; i < at.get().count && into.size() < limit; i++) {
        into.add(at.get().element);
      }
      collect(at.get().right, limit, into);
    }
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof SortedBag bag
            && bag.size == size
            && bag.hash == hash
            && bag.elements(size).equals(elements(size));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    List<String> shown = elements(SHOWN).stream().map(EdnWriter::print).toList();
    String hidden = size > SHOWN ? " and " + (size - SHOWN) + " more" : "";
    return "[" + String.join(" ", shown) + hidden + "]";
  }
}
