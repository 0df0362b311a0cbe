package phaistos.harness.sweep;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import phaistos.environment.SeededRandomness;
import phaistos.simulator.CrashStates;
import phaistos.simulator.CrashStates.Survivors;
import phaistos.simulator.CrashStates.Write;

/**
 * What a crash after a change may leave: nothing unsynced, everything, each unsynced write alone,
 * some of them (so that writes are reordered), parts of some (so that they are torn); and over the
 * last transactions every subset of two to four. Unsynced names are lost, kept, or cut somewhere.
 */
final class CrashImages {
  /** How many torn and how many reordered images are drawn for each crash. */
  private static final int DRAWS = 2;

  private static final int LARGEST_SUBSET = 4;

  private final SweepOptions options;
  private final SeededRandomness random;
  private final int subsetsFrom;
  private final double subsetShare;
  private long subsetsLeftOut;

  /** Takes one image. */
  @FunctionalInterface
  interface Taker {
    /**
     * @param keptNames how many unsynced changes of names survive
     */
    void take(String kind, Survivors survivors, int keptNames);
  }

  CrashImages(SweepOptions options, Recording recording) {
    this.options = options;
    this.random = new SeededRandomness(options.seed()).child("crashes");
    this.subsetsFrom = subsetsFrom(recording);
    long all = countSubsets(recording);
    this.subsetShare = all == 0 ? 0 : (double) options.subsetImages() / all;
  }

  long subsetsLeftOut() {
    return subsetsLeftOut;
  }

  /** The change before which the last transactions had not begun. */
  private int subsetsFrom(Recording recording) {
    List<Integer> started =
        recording.clients().stream()
            .flatMap(client -> client.startedAt().stream())
            .sorted()
            .toList();
    int first = Math.max(0, started.size() - options.lastTransactions());
    return options.lastTransactions() == 0 ? Integer.MAX_VALUE : started.get(first);
  }

  private long countSubsets(Recording recording) {
    CrashStates states = new CrashStates();
    long all = 0;
    for (int change = 0; change < recording.changes().size(); change++) {
      states.apply(recording.changes().get(change));
      if (change + 1 > subsetsFrom && (change + 1 - recording.from()) % options.stride() == 0) {
        all += subsets(states.unsynced().size());
      }
    }
    return all;
  }

  /** How many subsets of two to four there are of so many writes. */
  private static long subsets(int writes) {
    return choose(writes, 2) + choose(writes, 3) + choose(writes, LARGEST_SUBSET);
  }

  private static long choose(int from, int size) {
    long count = 1;
    for (int i = 0; i < size; i++) {
      count = count * Math.max(0, from - i) / (i + 1);
    }
    return count;
  }

  void at(int change, CrashStates states, Taker taker) {
    List<Write> writes = states.unsynced();
    int names = states.unsyncedNames();
    taker.take("all lost", write -> Survivors.NOTHING, 0);
    taker.take("all kept", write -> Survivors.WHOLE, names);
    for (int kept = 1; kept <= names; kept++) {
      taker.take("writes lost, %d names kept".formatted(kept), write -> Survivors.NOTHING, kept);
    }
    for (Write write : writes) {
      taker.take("write of change %d kept".formatted(write.change()), only(Set.of(write)), 0);
      if (names > 0) {
        taker.take(
            "write of change %d kept, and names".formatted(write.change()),
            only(Set.of(write)),
            names);
      }
    }
    for (int draw = 0; draw < DRAWS && !writes.isEmpty(); draw++) {
      long seed = random.nextLong();
      int kept = random.nextInt(names + 1);
      taker.take("reordered by " + seed, reordered(seed), kept);
      taker.take("torn by " + seed, torn(seed), kept);
    }
    if (change > subsetsFrom) {
      if (subsetShare >= 1) {
        allSubsets(writes, names, 0, List.of(), taker);
      } else {
        drawSubsets(writes, names, taker);
      }
    }
  }

  private void allSubsets(
      List<Write> writes, int names, int from, List<Write> chosen, Taker taker) {
    if (chosen.size() >= 2) {
      takeSubset(Set.copyOf(chosen), names, taker);
    }
    for (int i = from; chosen.size() < LARGEST_SUBSET && i < writes.size(); i++) {
      List<Write> more = new ArrayList<>(chosen);
      more.add(writes.get(i));
      allSubsets(writes, names, i + 1, more, taker);
    }
  }

  /** This crash's share of the subsets that are drawn, each as likely as any other. */
  private void drawSubsets(List<Write> writes, int names, Taker taker) {
    long all = subsets(writes.size());
    double share = all * subsetShare;
    long drawn = (long) share + (random.nextDouble() < share - (long) share ? 1 : 0);
    subsetsLeftOut += all - drawn;
    for (long i = 0; i < drawn; i++) {
      double size = random.nextDouble() * all;
      int wanted = 2;
      while (wanted < LARGEST_SUBSET && size >= choose(writes.size(), wanted)) {
        size -= choose(writes.size(), wanted++);
      }
      Set<Write> kept = new HashSet<>();
      while (kept.size() < wanted) {
        kept.add(writes.get(random.nextInt(writes.size())));
      }
      takeSubset(kept, names, taker);
    }
  }

  private static void takeSubset(Set<Write> kept, int names, Taker taker) {
    taker.take(
        "writes of changes %s kept"
            .formatted(kept.stream().mapToInt(Write::change).sorted().boxed().toList()),
        only(kept),
        names);
  }

  private static Survivors only(Set<Write> kept) {
    return write -> kept.contains(write) ? Survivors.WHOLE : Survivors.NOTHING;
  }

  private static Survivors reordered(long seed) {
    return write -> (draw(seed, write.change()) & 1) == 0 ? Survivors.WHOLE : Survivors.NOTHING;
  }

  private static Survivors torn(long seed) {
    return write -> {
      long ofWrite = draw(seed, write.change());
      LongPredicate some = sector -> (draw(ofWrite, sector) & 1) == 0;
      return switch ((int) (ofWrite & 3)) {
        case 0 -> Survivors.WHOLE;
        case 1 -> Survivors.NOTHING;
        default -> some;
      };
    };
  }

  /** The same bits for the same numbers, whenever they are asked for. */
  private static long draw(long seed, long number) {
    return new SeededRandomness(seed + number).nextLong();
  }
}
