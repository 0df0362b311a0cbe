package phaistos.histories.generators;

import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import phaistos.histories.Process;

/**
 * What a generator may use: the time since the start of the run, the threads, which of them are
 * free, and the process that each thread is at present. Immutable.
 *
 * <p>Threads are numbered: clients from 0, the nemesis is {@link #NEMESIS}. A client thread begins
 * as the process of its own number; after a crash it goes on as that number plus the count of
 * client threads, so that process ids never come twice and {@code id mod count} is the thread.
 */
public final class Context {
  public static final int NEMESIS = -1;

  private final long timeNanos;
  private final Seed seed;

  /** The threads in view, and the free ones among them; bit 0 is the nemesis. */
  private final BitSet threads;

  private final BitSet free;
  private final long[] processes;

  private Context(long timeNanos, Seed seed, BitSet threads, BitSet free, long[] processes) {
    this.timeNanos = timeNanos;
    this.seed = seed;
    this.threads = threads;
    this.free = free;
    this.processes = processes;
  }

  /** The start of a run: time 0, all threads free. */
  public static Context start(int clientThreads, Seed seed) {
    if (clientThreads < 0) {
      throw new IllegalArgumentException("clientThreads=" + clientThreads);
    }
    BitSet all = new BitSet();
    all.set(0, clientThreads + 1);
    return new Context(
        0, seed, all, all, IntStream.range(0, clientThreads).asLongStream().toArray());
  }

  public long timeNanos() {
    return timeNanos;
  }

  /** For draws of generators without a seed: which free thread, which of several acts. */
  public Seed seed() {
    return seed;
  }

  public IntStream threads() {
    return threads.stream().map(bit -> bit - 1);
  }

  public IntStream freeThreads() {
    return free.stream().map(bit -> bit - 1);
  }

  public int threadCount() {
    return threads.cardinality();
  }

  /** All client threads of the run, in view or not. */
  public int clientThreadCount() {
    return processes.length;
  }

  public boolean allFree() {
    return free.equals(threads);
  }

  public boolean isFree(int thread) {
    return free.get(thread + 1);
  }

  /** A free thread, drawn by the seed. */
  public OptionalInt someFree() {
    int count = free.cardinality();
    if (count == 0) {
      return OptionalInt.empty();
    }
    int bit = free.nextSetBit(0);
    for (int skip = seed.child("thread").drawInt(count); skip > 0; skip--) {
      bit = free.nextSetBit(bit + 1);
    }
    return OptionalInt.of(bit - 1);
  }

  public Process processOf(int thread) {
    return thread == NEMESIS ? Process.NEMESIS : new Process.Client(processes[thread]);
  }

  public int threadOf(Process process) {
    return switch (process) {
      case Process.Client client -> (int) (client.id() % processes.length);
      case Process.Nemesis _ -> NEMESIS;
    };
  }

  /** The same moment, with only these threads in view. */
  public Context restrictedTo(IntPredicate wanted) {
    // generators ask with every event: no streams
    BitSet some = new BitSet(threads.length());
    BitSet someFree = new BitSet(threads.length());
    for (int bit = threads.nextSetBit(0); bit >= 0; bit = threads.nextSetBit(bit + 1)) {
      if (wanted.test(bit - 1)) {
        some.set(bit);
        someFree.set(bit, free.get(bit));
      }
    }
    return new Context(timeNanos, seed, some, someFree, processes);
  }

  /** The same moment with a seed of its own for a generator's n-th part. */
  public Context split(int n) {
    return new Context(timeNanos, seed.child(n), threads, free, processes);
  }

  public Context withTime(long time) {
    return new Context(time, seed, threads, free, processes);
  }

  public Context withNextSeed() {
    return new Context(timeNanos, seed.next(), threads, free, processes);
  }

  public Context withBusy(int thread) {
    return withFree(thread, false);
  }

  public Context withFree(int thread) {
    return withFree(thread, true);
  }

  private Context withFree(int thread, boolean value) {
    BitSet changed = (BitSet) free.clone();
    changed.set(thread + 1, value);
    return new Context(timeNanos, seed, threads, changed, processes);
  }

  /** The thread's process is dead; it goes on under a fresh id. The nemesis never changes. */
  public Context withFreshProcess(int thread) {
    if (thread == NEMESIS) {
      return this;
    }
    long[] changed = processes.clone();
    changed[thread] += processes.length;
    return new Context(timeNanos, seed, threads, free, changed);
  }

  @Override
  public String toString() {
    return "Context[timeNanos="
        + timeNanos
        + ", threads="
        + threads().boxed().toList()
        + ", free="
        + freeThreads().boxed().toList()
        + ", processes="
        + Arrays.toString(processes)
        + "]";
  }
}
