package phaistos.checker.linearizability;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * An immutable map whose copies share unchanged parts: a hash trie of 32-way nodes (Bagwell 2001).
 * It holds the states of models: adding an element to a set of ten thousand takes a few hundred
 * bytes, and the hash is stored. Compared by content; thread-safe.
 */
public final class PersistentMap<K, V> {
  private static final int BITS = 5;
  private static final PersistentMap<?, ?> EMPTY = new PersistentMap<>(new Branch<>(0), 0, 0);

  private sealed interface Node<K, V> {}

  private record Entry<K, V>(K key, V value) implements Node<K, V> {}

  /** Keys of one hash. */
  private record Collision<K, V>(Entry<K, V>[] entries) implements Node<K, V> {}

  private static final class Branch<K, V> implements Node<K, V> {
    private final int bitmap;
    private final Node<K, V>[] nodes;

    @SafeVarargs
    @SuppressWarnings("varargs")
    Branch(int bitmap, Node<K, V>... nodes) {
      this.bitmap = bitmap;
      this.nodes = nodes;
    }
  }

  private final Branch<K, V> root;
  private final int size;
  private final int hash;

  private PersistentMap(Branch<K, V> root, int size, int hash) {
    this.root = root;
    this.size = size;
    this.hash = hash;
  }

  @SuppressWarnings("unchecked")
  public static <K, V> PersistentMap<K, V> empty() {
    return (PersistentMap<K, V>) EMPTY;
  }

  public int size() {
    return size;
  }

  public Optional<V> get(K key) {
    return find(root, 0, spread(key), key);
  }

  public boolean contains(K key) {
    return get(key).isPresent();
  }

  public PersistentMap<K, V> with(K key, V value) {
    Optional<V> old = get(key);
    if (old.isPresent() && old.get().equals(value)) {
      return this;
    }
    Branch<K, V> changed = put(root, 0, spread(key), new Entry<>(key, value));
    int without = old.map(v -> hash - hash(key, v)).orElse(hash);
    return new PersistentMap<>(
        changed, old.isPresent() ? size : size + 1, without + hash(key, value));
  }

  public PersistentMap<K, V> without(K key) {
    Optional<V> old = get(key);
    if (old.isEmpty()) {
      return this;
    }
    Branch<K, V> changed = remove(root, 0, spread(key), key);
    return new PersistentMap<>(changed, size - 1, hash - hash(key, old.get()));
  }

  /** In an order that depends only on the content, unless hashes collide. */
  public void forEach(BiConsumer<K, V> action) {
    each(root, action);
  }

  private static int spread(Object key) {
    int h = key.hashCode() * 0x9E3779B9;
    return h ^ h >>> 15;
  }

  private static int hash(Object key, Object value) {
    return spread(key) * 31 + spread(value);
  }

  private static int bit(int hash, int shift) {
    return 1 << (hash >>> shift & 31);
  }

  private static <K, V> Optional<V> find(Branch<K, V> branch, int shift, int hash, K key) {
    int bit = bit(hash, shift);
    if ((branch.bitmap & bit) == 0) {
      return Optional.empty();
    }
    return switch (branch.nodes[Integer.bitCount(branch.bitmap & bit - 1)]) {
      case Entry<K, V> entry -> entry.key.equals(key) ? Optional.of(entry.value) : Optional.empty();
      case Branch<K, V> below -> find(below, shift + BITS, hash, key);
      case Collision<K, V> collision ->
          Arrays.stream(collision.entries)
              .filter(entry -> entry.key.equals(key))
              .findFirst()
              .map(Entry::value);
    };
  }

  private static <K, V> Branch<K, V> put(
      Branch<K, V> branch, int shift, int hash, Entry<K, V> entry) {
    int bit = bit(hash, shift);
    int place = Integer.bitCount(branch.bitmap & bit - 1);
    if ((branch.bitmap & bit) == 0) {
      Node<K, V>[] nodes = Arrays.copyOf(branch.nodes, branch.nodes.length + 1);
      System.arraycopy(branch.nodes, place, nodes, place + 1, branch.nodes.length - place);
      nodes[place] = entry;
      return new Branch<>(branch.bitmap | bit, nodes);
    }
    Node<K, V> changed =
        switch (branch.nodes[place]) {
          case Entry<K, V> old when old.key.equals(entry.key) -> entry;
          case Entry<K, V> old -> both(old, entry, shift + BITS, hash);
          case Branch<K, V> below -> put(below, shift + BITS, hash, entry);
          case Collision<K, V> collision -> collide(collision, entry);
        };
    Node<K, V>[] nodes = branch.nodes.clone();
    nodes[place] = changed;
    return new Branch<>(branch.bitmap, nodes);
  }

  private static <K, V> Node<K, V> both(Entry<K, V> old, Entry<K, V> entry, int shift, int hash) {
    if (shift >= 32) {
      return new Collision<>(array(old, entry));
    }
    Branch<K, V> one = put(new Branch<>(0), shift, spread(old.key), old);
    return put(one, shift, hash, entry);
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  private static <K, V> Entry<K, V>[] array(Entry<K, V>... entries) {
    return entries;
  }

  private static <K, V> Collision<K, V> collide(Collision<K, V> collision, Entry<K, V> entry) {
    Entry<K, V>[] entries = collision.entries;
    for (int i = 0; i < entries.length; i++) {
      if (entries[i].key.equals(entry.key)) {
        Entry<K, V>[] changed = entries.clone();
        changed[i] = entry;
        return new Collision<>(changed);
      }
    }
    Entry<K, V>[] longer = Arrays.copyOf(entries, entries.length + 1);
    longer[entries.length] = entry;
    return new Collision<>(longer);
  }

  /** May leave an empty branch behind, which contains nothing and equals nothing else. */
  private static <K, V> Branch<K, V> remove(Branch<K, V> branch, int shift, int hash, K key) {
    int bit = bit(hash, shift);
    int place = Integer.bitCount(branch.bitmap & bit - 1);
    Node<K, V> old = branch.nodes[place];
    if (old instanceof Entry) {
      Node<K, V>[] nodes = Arrays.copyOf(branch.nodes, branch.nodes.length - 1);
      System.arraycopy(branch.nodes, place + 1, nodes, place, nodes.length - place);
      return new Branch<>(branch.bitmap & ~bit, nodes);
    }
    Node<K, V>[] nodes = branch.nodes.clone();
    nodes[place] =
        switch (old) {
          case Entry<K, V> entry -> entry;
          case Branch<K, V> below -> remove(below, shift + BITS, hash, key);
          case Collision<K, V> collision -> {
            Entry<K, V>[] entries = collision.entries;
            int kept = 0;
            Entry<K, V>[] fewer = Arrays.copyOf(entries, entries.length - 1);
            for (Entry<K, V> entry : entries) {
              if (!entry.key.equals(key)) {
                fewer[kept++] = entry;
              }
            }
            yield fewer.length == 1 ? fewer[0] : new Collision<>(fewer);
          }
        };
    return new Branch<>(branch.bitmap, nodes);
  }

  private static <K, V> void each(Node<K, V> node, BiConsumer<K, V> action) {
    switch (node) {
      case Entry<K, V> entry -> action.accept(entry.key, entry.value);
      case Branch<K, V> branch -> {
        for (Node<K, V> below : branch.nodes) {
          each(below, action);
        }
      }
      case Collision<K, V> collision -> {
        for (Entry<K, V> entry : collision.entries) {
          each(entry, action);
        }
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    if (this == other) {
      return true;
    }
    if (!(other instanceof PersistentMap<?, ?> map) || map.size != size || map.hash != hash) {
      return false;
    }
    return isWithin(map);
  }

  private <L, W> boolean isWithin(PersistentMap<L, W> map) {
    boolean[] isEqual = {true};
    PersistentMap<K, V> mine = this;
    map.forEach(
        (key, value) -> {
          if (isEqual[0]) {
            @SuppressWarnings("unchecked")
            K same = (K) key;
            isEqual[0] = mine.get(same).map(v -> v.equals(value)).orElse(false);
          }
        });
    return isEqual[0];
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder("{");
    forEach((k, v) -> out.append(out.length() == 1 ? "" : ", ").append(k).append(' ').append(v));
    return out.append('}').toString();
  }
}
