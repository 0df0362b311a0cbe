package phaistos.checker.transactions;

import java.util.Arrays;

/**
 * Every list that was ever read, as a tree for each key: a state is an element after the state
 * before it, so that a read of a hundred elements takes four bytes. As long as nothing is wrong the
 * tree of a key is a chain, which is its version order. Not thread-safe.
 */
final class ListStates {
  static final int NONE = -1;

  private final Ints element = new Ints();
  private final Ints parent = new Ints();
  private final Ints depth = new Ints();
  private final Ints child = new Ints();
  private final Ints sibling = new Ints();
  private final Ints key = new Ints();
  private boolean[] duplicate = new boolean[16];

  private final Ints root = new Ints();
  private final Ints longest = new Ints();
  private boolean[] diverges = new boolean[16];

  /** For each version the first state that ends in it. */
  private int[] stateOf = new int[16];

  {
    Arrays.fill(stateOf, NONE);
  }

  int count() {
    return element.size();
  }

  /** The empty list. */
  int root(int key) {
    while (root.size() <= key) {
      int state = add(NONE, NONE, root.size());
      root.add(state);
      longest.add(state);
    }
    return root.get(key);
  }

  int keyCount() {
    return root.size();
  }

  /** The state that appending this version to that state gives. */
  int after(int state, int version) {
    int last = NONE;
    for (int next = child.get(state); next != NONE; next = sibling.get(next)) {
      if (element.get(next) == version) {
        return next;
      }
      last = next;
    }
    int ofKey = key.get(state);
    int added = add(version, state, ofKey);
    if (last == NONE) {
      child.set(state, added);
    } else {
      sibling.set(last, added);
      if (ofKey >= diverges.length) {
        diverges = Arrays.copyOf(diverges, Ints.grown(ofKey));
      }
      diverges[ofKey] = true;
    }
    markElement(added, version);
    if (depth.get(added) > depth.get(longest.get(ofKey))) {
      longest.set(ofKey, added);
    }
    return added;
  }

  private int add(int version, int before, int ofKey) {
    int state = element.size();
    element.add(version);
    parent.add(before);
    depth.add(before == NONE ? 0 : depth.get(before) + 1);
    child.add(NONE);
    sibling.add(NONE);
    key.add(ofKey);
    if (state == duplicate.length) {
      duplicate = Arrays.copyOf(duplicate, Ints.grown(state));
    }
    duplicate[state] = before != NONE && duplicate[before];
    return state;
  }

  private void markElement(int state, int version) {
    if (version >= stateOf.length) {
      int from = stateOf.length;
      stateOf = Arrays.copyOf(stateOf, Ints.grown(version));
      Arrays.fill(stateOf, from, stateOf.length, NONE);
    }
    if (stateOf[version] == NONE) {
      stateOf[version] = state;
    } else if (contains(parent.get(state), version)) {
      duplicate[state] = true;
    }
  }

  /** The last element; {@link #NONE} for the empty list. */
  int element(int state) {
    return element.get(state);
  }

  int parent(int state) {
    return parent.get(state);
  }

  int depth(int state) {
    return depth.get(state);
  }

  int key(int state) {
    return key.get(state);
  }

  /** Whether some element stands in it twice. */
  boolean hasDuplicate(int state) {
    return duplicate[state];
  }

  /** Whether two reads of the key are no prefixes of each other. */
  boolean diverges(int key) {
    return key < diverges.length && diverges[key];
  }

  /** The longest list read of the key. */
  int longest(int key) {
    return key < longest.size() ? longest.get(key) : NONE;
  }

  /** Whether the version stands anywhere in the list. */
  boolean contains(int state, int version) {
    if (version >= stateOf.length || stateOf[version] == NONE) {
      return false;
    }
    if (!diverges(key.get(state)) && !duplicate[state]) {
      return depth.get(stateOf[version]) <= depth.get(state);
    }
    for (int at = state; depth.get(at) > 0; at = parent.get(at)) {
      if (element.get(at) == version) {
        return true;
      }
    }
    return false;
  }

  /** The elements, first to last. */
  int[] elements(int state) {
    int[] elements = new int[depth.get(state)];
    int at = state;
    for (int i = elements.length - 1; i >= 0; i--) {
      elements[i] = element.get(at);
      at = parent.get(at);
    }
    return elements;
  }

  /** A child of the state, then its siblings by {@link #sibling}. */
  int child(int state) {
    return child.get(state);
  }

  int sibling(int state) {
    return sibling.get(state);
  }
}
