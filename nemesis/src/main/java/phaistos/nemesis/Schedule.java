package phaistos.nemesis;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.histories.Edn;
import phaistos.histories.EdnReader;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Fault.Loss;
import phaistos.nemesis.Fault.Policy;
import phaistos.nemesis.Fault.Shape;

/**
 * Faults with their times, as data: drawn from a seed, written to the store, read back and
 * replayed. An entry fires at its time or, if the nemesis is still busy with the one before, right
 * after it.
 */
public record Schedule(List<Entry> entries) {
  /**
   * @param atNanos since the start of the run
   */
  public record Entry(long atNanos, Fault fault) {}

  /** The kinds of faults that a schedule can be drawn from, by their names on the command line. */
  public static final List<String> KINDS =
      List.of("partition", "kill", "crash", "failover", "pause");

  /**
   * How often and how long.
   *
   * @param limitNanos nothing fires at or after this moment
   * @param policy of the operator in a failover
   */
  public record Plan(
      long limitNanos,
      long firstNanos,
      long durationNanosMin,
      long durationNanosMax,
      long gapNanosMin,
      long gapNanosMax,
      Policy policy) {

    /** One fault after the other, each for 1 to 4 seconds, with 1 to 3 seconds between them. */
    public static Plan usual(long limitNanos) {
      long second = 1_000_000_000L;
      return new Plan(limitNanos, 2 * second, second, 4 * second, second, 3 * second, Policy.SAFE);
    }

    public Plan withPolicy(Policy other) {
      return new Plan(
          limitNanos,
          firstNanos,
          durationNanosMin,
          durationNanosMax,
          gapNanosMin,
          gapNanosMax,
          other);
    }
  }

  public Schedule {
    entries = entries.stream().sorted(Comparator.comparingLong(Entry::atNanos)).toList();
  }

  /**
   * Draws a schedule. Kinds come in rounds of all of them, each round in an order of its own, so
   * that a short run sees every kind.
   *
   * @throws IllegalArgumentException if a kind is not one of {@link #KINDS}
   */
  public static Schedule draw(Seed seed, Set<String> kinds, Plan plan) {
    for (String kind : kinds) {
      if (!KINDS.contains(kind)) {
        throw new IllegalArgumentException(
            "no kind of fault: " + kind + " (there are " + KINDS + ")");
      }
    }
    List<Entry> entries = new ArrayList<>();
    List<String> round = new ArrayList<>();
    Seed order = seed.child("order");
    long at = plan.firstNanos;
    for (int n = 0; !kinds.isEmpty(); n++) {
      if (round.isEmpty()) {
        round.addAll(new TreeSet<>(kinds));
      }
      String kind = round.remove(order.drawInt(round.size()));
      order = order.next();
      Seed own = seed.child(n);
      long duration = between(own.child("duration"), plan.durationNanosMin, plan.durationNanosMax);
      if (at + duration >= plan.limitNanos) {
        break;
      }
      entries.add(new Entry(at, begin(kind, own, plan.policy)));
      end(kind).forEach(fault -> entries.add(new Entry(at(entries) + duration, fault)));
      at += duration + between(own.child("gap"), plan.gapNanosMin, plan.gapNanosMax);
    }
    return new Schedule(entries);
  }

  private static long at(List<Entry> entries) {
    return entries.getLast().atNanos;
  }

  private static long between(Seed seed, long min, long max) {
    return max <= min ? min : min + seed.drawLong(max - min);
  }

  private static Fault begin(String kind, Seed seed, Policy policy) {
    // Shorter than a long, so that it is easily read and survives JSON.
    long own = seed.child("target").drawLong(1L << 48);
    Seed choice = seed.child("choice");
    return switch (kind) {
      case "partition" -> new Fault.Partition(Shape.values()[choice.drawInt(3)], own);
      case "kill" -> new Fault.Kill(target(choice), own);
      case "crash" ->
          new Fault.Crash(
              target(choice),
              CrashMode.values()[choice.child("mode").drawInt(CrashMode.values().length)],
              own);
      case "failover" -> new Fault.Failover(Loss.values()[choice.drawInt(2)], policy, own);
      case "pause" -> new Fault.Pause(target(choice), own);
      default -> throw new IllegalArgumentException("no kind of fault: " + kind);
    };
  }

  private static NodeSpec target(Seed choice) {
    return switch (choice.drawInt(10)) {
      case 0 -> NodeSpec.ALL;
      case 1, 2 -> NodeSpec.MAJORITY;
      case 3, 4, 5 -> NodeSpec.PRIMARIES;
      case 6 -> NodeSpec.MINORITY;
      default -> NodeSpec.ONE;
    };
  }

  private static List<Fault> end(String kind) {
    return switch (kind) {
      case "partition" -> List.of(new Fault.Heal());
      case "kill", "crash" -> List.of(new Fault.Restart());
      case "pause" -> List.of(new Fault.Resume());
      default -> List.of();
    };
  }

  /** The entries as the nemesis' generator. */
  public Generator<Fault> generator() {
    return Generators.concat(
        entries.stream()
            .map(e -> Generators.notBefore(e.atNanos, Generators.call(e.fault)))
            .toList());
  }

  /** EDN: a vector with one entry a line. */
  public String toEdn() {
    StringBuilder text = new StringBuilder("[");
    for (Entry entry : entries) {
      UntypedCall call = Fault.CODEC.encode(entry.fault);
      Edn line =
          new EdnTable()
              .put("at", entry.atNanos)
              .put("f", call.f())
              .put("value", call.value())
              .build();
      text.append(text.length() == 1 ? "" : "\n ").append(EdnWriter.print(line));
    }
    return text.append("]\n").toString();
  }

  /**
   * Reads {@link #toEdn}'s form.
   *
   * @param source named in errors
   * @throws IllegalArgumentException if it is no schedule: one line that names source and entry
   */
  public static Schedule ofEdn(String text, String source) {
    List<Entry> entries = new ArrayList<>();
    List<Edn> items;
    try {
      items =
          new EdnReader(new StringReader(text), source)
              .next()
              .orElseThrow(() -> new IllegalArgumentException("empty"))
              .elements();
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException(source + ": no schedule: " + e.getMessage(), e);
    }
    for (Edn item : items) {
      String where = source + ": entry " + entries.size() + ": ";
      if (!(item instanceof Edn.Table table && table.get("at") instanceof Edn.Int(long at))) {
        throw new IllegalArgumentException(where + "expected {:at nanoseconds :f ... :value ...}");
      }
      try {
        entries.add(
            new Entry(at, Fault.CODEC.decode(new UntypedCall(table.get("f"), table.get("value")))));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(where + e.getMessage(), e);
      }
    }
    return new Schedule(entries);
  }
}
