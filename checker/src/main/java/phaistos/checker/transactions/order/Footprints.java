package phaistos.checker.transactions.order;

import java.util.Arrays;

/**
 * What the transactions of a history show each other, as columns of numbers: from whom each took
 * the keys that it read, which keys it left written, and where it stands in its process and in real
 * time. Only transactions that happened are here: those that were acknowledged, and pending ones
 * whose writes somebody read. Immutable; arrays are not copied.
 *
 * @param keyId for each key the number that its owner knows it by
 * @param readStart the reads of transaction t stand from readStart[t] to before readStart[t + 1]
 * @param readKey of a read its key; a transaction reads a key at most once here, before it writes
 *     it
 * @param readFrom the transaction whose write a read saw, or {@link #INITIAL}
 * @param writeStart the writes of transaction t stand from writeStart[t] to before writeStart[t +
 *     1]
 * @param writeKey of a write its key, each key once and in order
 * @param writeRank the place of a write in the order of its key's versions: {@link #FREE} where it
 *     is not known, {@link #LAST} after all known ones
 * @param process the process of a transaction, from 0
 * @param acknowledged whether it was acknowledged; what was not has no place after it in time
 * @param invokedAt where it was invoked; -1 where that is not known
 * @param completedAt where it completed; -1 where it did not
 * @param known pairs of transactions of which the first wrote a key before the second did, one
 *     after the other: from, to, key
 */
public record Footprints(
    int[] keyId,
    int[] readStart,
    int[] readKey,
    int[] readFrom,
    int[] writeStart,
    int[] writeKey,
    int[] writeRank,
    int[] process,
    boolean[] acknowledged,
    int[] invokedAt,
    int[] completedAt,
    int[] known) {
  /** The writer of a key's state before the first write. */
  public static final int INITIAL = -1;

  /** The rank of a write whose place among the versions of its key is not known. */
  public static final int FREE = -1;

  /** The rank of a write that comes after all writes with a known rank. */
  public static final int LAST = Integer.MAX_VALUE;

  public int size() {
    return process.length;
  }

  int keys() {
    return keyId.length;
  }

  /** Whether a completed before b was invoked. */
  boolean isBefore(int a, int b) {
    return acknowledged[a] && invokedAt[b] >= 0 && completedAt[a] < invokedAt[b];
  }

  /** The write of this key that the transaction leaves; -1 if there is none. */
  int writeOf(int t, int key) {
    int at = Arrays.binarySearch(writeKey, writeStart[t], writeStart[t + 1], key);
    return at < 0 ? -1 : at;
  }

  boolean writes(int t, int key) {
    return writeOf(t, key) >= 0;
  }

  /**
   * The version that a read of this key saw from this writer: the number of the write, or for the
   * initial state that of the key after all writes.
   */
  int versionOf(int key, int writer) {
    int version = writer == INITIAL ? writeKey.length + key : writeOf(writer, key);
    if (version < 0) {
      throw new IllegalArgumentException("no write: key=" + key + ", transaction=" + writer);
    }
    return version;
  }

  /** The writers of each key: those of key k stand from starts[k]. */
  int[][] writersByKey() {
    int keys = keys();
    int[] starts = new int[keys + 1];
    for (int key : writeKey) {
      starts[key + 1]++;
    }
    for (int key = 0; key < keys; key++) {
      starts[key + 1] += starts[key];
    }
    int[] items = new int[writeKey.length];
    int[] next = Arrays.copyOf(starts, keys);
    for (int t = 0; t < size(); t++) {
      for (int i = writeStart[t]; i < writeStart[t + 1]; i++) {
        items[next[writeKey[i]]++] = i;
      }
    }
    return new int[][] {starts, items};
  }

  /** The transaction of each write. */
  int[] ownersOfWrites() {
    int[] owners = new int[writeKey.length];
    for (int t = 0; t < size(); t++) {
      Arrays.fill(owners, writeStart[t], writeStart[t + 1], t);
    }
    return owners;
  }

  /**
   * Only these transactions, in this order. Reads of what others wrote are left out: that can only
   * make more orders possible.
   */
  public Footprints only(int[] kept) {
    int[] placeOf = new int[size()];
    Arrays.fill(placeOf, -1);
    for (int i = 0; i < kept.length; i++) {
      placeOf[kept[i]] = i;
    }
    int[] reads = new int[kept.length + 1];
    int[] writes = new int[kept.length + 1];
    int[] keysRead = new int[readKey.length];
    int[] sources = new int[readKey.length];
    int[] keysWritten = new int[writeKey.length];
    int[] ranks = new int[writeKey.length];
    int[] processes = new int[kept.length];
    boolean[] acked = new boolean[kept.length];
    int[] invoked = new int[kept.length];
    int[] completed = new int[kept.length];
    for (int i = 0; i < kept.length; i++) {
      int t = kept[i];
      reads[i + 1] = reads[i];
      for (int r = readStart[t]; r < readStart[t + 1]; r++) {
        if (readFrom[r] == INITIAL || placeOf[readFrom[r]] >= 0) {
          keysRead[reads[i + 1]] = readKey[r];
          sources[reads[i + 1]++] = readFrom[r] == INITIAL ? INITIAL : placeOf[readFrom[r]];
        }
      }
      int count = writeStart[t + 1] - writeStart[t];
      System.arraycopy(writeKey, writeStart[t], keysWritten, writes[i], count);
      System.arraycopy(writeRank, writeStart[t], ranks, writes[i], count);
      writes[i + 1] = writes[i] + count;
      processes[i] = process[t];
      acked[i] = acknowledged[t];
      invoked[i] = invokedAt[t];
      completed[i] = completedAt[t];
    }
    int[] pairs = onlyKnown(placeOf);
    keysRead = Arrays.copyOf(keysRead, reads[kept.length]);
    keysWritten = Arrays.copyOf(keysWritten, writes[kept.length]);
    return new Footprints(
        renumber(keysRead, keysWritten, pairs),
        reads,
        keysRead,
        Arrays.copyOf(sources, reads[kept.length]),
        writes,
        keysWritten,
        Arrays.copyOf(ranks, writes[kept.length]),
        processes,
        acked,
        invoked,
        completed,
        pairs);
  }

  private int[] onlyKnown(int[] placeOf) {
    int[] pairs = new int[known.length];
    int size = 0;
    for (int i = 0; i < known.length; i += 3) {
      if (placeOf[known[i]] >= 0 && placeOf[known[i + 1]] >= 0) {
        pairs[size++] = placeOf[known[i]];
        pairs[size++] = placeOf[known[i + 1]];
        pairs[size++] = known[i + 2];
      }
    }
    return Arrays.copyOf(pairs, size);
  }

  /**
   * Gives the keys that are left small numbers in the same order; returns the ids of the keys that
   * bear them.
   */
  private int[] renumber(int[] read, int[] written, int[] pairs) {
    int[] used = new int[read.length + written.length];
    System.arraycopy(read, 0, used, 0, read.length);
    System.arraycopy(written, 0, used, read.length, written.length);
    int[] distinct = Arrays.stream(used).sorted().distinct().toArray();
    for (int i = 0; i < read.length; i++) {
      read[i] = Arrays.binarySearch(distinct, read[i]);
    }
    for (int i = 0; i < written.length; i++) {
      written[i] = Arrays.binarySearch(distinct, written[i]);
    }
    for (int i = 2; i < pairs.length; i += 3) {
      pairs[i] = Arrays.binarySearch(distinct, pairs[i]);
    }
    for (int i = 0; i < distinct.length; i++) {
      distinct[i] = keyId[distinct[i]];
    }
    return distinct;
  }
}
