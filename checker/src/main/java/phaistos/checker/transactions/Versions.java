package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import phaistos.histories.Edn;

/**
 * Every value of every key that a history mentions, under small numbers. A version is a key with
 * one value: an element of its list, or a state of its register; each key also has an initial
 * version, before anything was written. Not thread-safe.
 */
final class Versions {
  static final int NONE = -1;
  private static final long OTHER = Long.MIN_VALUE;

  private final Map<Edn, Integer> keyIds = new HashMap<>();
  private final List<Edn> keys = new ArrayList<>();
  private final Map<Edn, Integer> otherIds = new HashMap<>();
  private final List<Edn> others = new ArrayList<>();

  private final Ints initial = new Ints();
  private final Ints keyOf = new Ints();
  private long[] raw = new long[16];

  /** An open-addressing table from (key, raw value) to the version; free where 0. */
  private int[] table = new int[64];

  /** Small integer keys, which most histories have, without boxing. */
  private int[] smallKeys = new int[64];

  int keyCount() {
    return keys.size();
  }

  int count() {
    return keyOf.size();
  }

  Edn key(int key) {
    return keys.get(key);
  }

  int keyOf(int version) {
    return keyOf.get(version);
  }

  int initial(int key) {
    return initial.get(key);
  }

  boolean isInitial(int version) {
    return initial.get(keyOf.get(version)) == version;
  }

  Edn value(int version) {
    if (isInitial(version)) {
      return Edn.NIL;
    }
    long value = raw[version];
    return value <= OTHER + others.size() ? others.get((int) (value - OTHER)) : Edn.of(value);
  }

  int key(Edn key) {
    if (key instanceof Edn.Int(long value) && value >= 0 && value < 1 << 24) {
      int small = (int) value;
      if (small >= smallKeys.length) {
        smallKeys = Arrays.copyOf(smallKeys, Math.max(small + 1, smallKeys.length * 2));
      }
      if (smallKeys[small] == 0) {
        smallKeys[small] = addKey(key) + 1;
      }
      return smallKeys[small] - 1;
    }
    Integer known = keyIds.get(key);
    if (known != null) {
      return known;
    }
    int id = addKey(key);
    keyIds.put(key, id);
    return id;
  }

  private int addKey(Edn key) {
    int id = keys.size();
    keys.add(key);
    initial.add(addVersion(id, 0));
    return id;
  }

  /**
   * Whether the version, not an initial one, has this value; false may mean that it is no integer.
   */
  boolean has(int version, Edn value) {
    return value instanceof Edn.Int(long number) && raw[version] == number && isPlain(number);
  }

  private static boolean isPlain(long number) {
    return number > OTHER + Integer.MAX_VALUE;
  }

  /** The version of this key with this value; nil is the initial one. */
  int version(int key, Edn value) {
    return switch (value) {
      case Edn.Int(long number) when isPlain(number) -> find(key, number);
      case Edn.Nil _ -> initial(key);
      default -> find(key, OTHER + otherIds.computeIfAbsent(value, this::addOther));
    };
  }

  /** The version of this key with this value, if the history has it; -1 if not. */
  int known(Edn key, Edn value) {
    int id = NONE;
    if (key instanceof Edn.Int(long number) && number >= 0 && number < smallKeys.length) {
      id = smallKeys[(int) number] - 1;
    }
    id = id == NONE ? keyIds.getOrDefault(key, NONE) : id;
    Integer other = value instanceof Edn.Int ? null : otherIds.get(value);
    if (id == NONE || (other == null && !(value instanceof Edn.Int))) {
      return NONE;
    }
    long wanted = value instanceof Edn.Int(long number) ? number : OTHER + other;
    int mask = table.length - 1;
    int slot = hash(id, wanted) & mask;
    while (table[slot] != 0) {
      int version = table[slot] - 1;
      if (raw[version] == wanted && keyOf.get(version) == id) {
        return version;
      }
      slot = (slot + 1) & mask;
    }
    return NONE;
  }

  private int addOther(Edn value) {
    others.add(value);
    return others.size() - 1;
  }

  private int find(int key, long value) {
    int mask = table.length - 1;
    int slot = hash(key, value) & mask;
    while (table[slot] != 0) {
      int version = table[slot] - 1;
      if (raw[version] == value && keyOf.get(version) == key) {
        return version;
      }
      slot = (slot + 1) & mask;
    }
    int version = addVersion(key, value);
    table[slot] = version + 1;
    if (keyOf.size() > table.length / 2) {
      rehash();
    }
    return version;
  }

  private int addVersion(int key, long value) {
    int version = keyOf.size();
    keyOf.add(key);
    if (version == raw.length) {
      raw = Arrays.copyOf(raw, Ints.grown(raw.length));
    }
    raw[version] = value;
    return version;
  }

  private void rehash() {
    int[] old = table;
    table = new int[old.length * 2];
    int mask = table.length - 1;
    for (int entry : old) {
      if (entry != 0) {
        int slot = hash(keyOf.get(entry - 1), raw[entry - 1]) & mask;
        while (table[slot] != 0) {
          slot = (slot + 1) & mask;
        }
        table[slot] = entry;
      }
    }
  }

  /** Neighbouring values of one key stand side by side, so that reading a list stays in cache. */
  private static int hash(int key, long value) {
    return (int) (key * 0x9E3779B97F4A7C15L >>> 32) + (int) value * 3;
  }
}
