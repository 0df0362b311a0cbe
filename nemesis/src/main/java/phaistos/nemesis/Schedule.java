package phaistos.nemesis;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;

/**
 * Faults with their triggers, as data: drawn from a seed or written by a person, stored, read back
 * and replayed. Entries may overlap. An entry fires when it is due. If the nemesis is still busy,
 * it fires right after; the entry that was due first goes first.
 */
public record Schedule(List<Entry> entries) {
  public record Entry(Trigger trigger, Act act) {}

  /** What an entry does. */
  public sealed interface Act {
    Handle handle();
  }

  public record Begin(Handle handle, Fault fault) implements Act {}

  /**
   * @param function the one of the fault's kind: "heal"
   */
  public record End(Handle handle, String function) implements Act {}

  public static Entry begin(long atNanos, String handle, Fault fault) {
    return new Entry(new Trigger.At(atNanos), new Begin(new Handle(handle), fault));
  }

  /**
   * @param kind of the fault of this handle; must have an end
   */
  public static Entry end(long atNanos, String handle, FaultKind kind) {
    return new Entry(
        new Trigger.At(atNanos), new End(new Handle(handle), kind.end().orElseThrow()));
  }

  /** From which point the gap between two drawn faults counts. */
  public enum Spacing {
    /** From the end of the one before: one fault at a time. */
    END,
    /** From the beginning of the one before: faults overlap. */
    BEGINNING
  }

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
      Spacing spacing,
      long gapNanosMin,
      long gapNanosMax,
      Operator.Policy policy) {
    private static final long SECOND = 1_000_000_000L;

    /** One fault after the other, each for 1 to 4 seconds, with 1 to 3 seconds between them. */
    public static Plan usual(long limitNanos) {
      return new Plan(
          limitNanos,
          2 * SECOND,
          SECOND,
          4 * SECOND,
          Spacing.END,
          SECOND,
          3 * SECOND,
          Operator.Policy.SAFE);
    }

    /**
     * A new fault every half to two seconds, each for 1 to 8 seconds, whether or not others are
     * open.
     */
    public static Plan overlapping(long limitNanos) {
      return new Plan(
          limitNanos,
          2 * SECOND,
          SECOND,
          8 * SECOND,
          Spacing.BEGINNING,
          SECOND / 2,
          2 * SECOND,
          Operator.Policy.SAFE);
    }

    public Plan withPolicy(Operator.Policy other) {
      return new Plan(
          limitNanos,
          firstNanos,
          durationNanosMin,
          durationNanosMax,
          spacing,
          gapNanosMin,
          gapNanosMax,
          other);
    }
  }

  /**
   * @throws IllegalArgumentException if two faults have one handle, or an entry names a handle or
   *     an end that does not fit
   */
  public Schedule {
    entries = List.copyOf(entries);
    Map<Handle, FaultKind> kinds = new HashMap<>();
    for (Entry entry : entries) {
      if (entry.act instanceof Begin(Handle handle, Fault fault)
          && kinds.put(handle, fault.kind()) != null) {
        throw new IllegalArgumentException("two faults of one handle: " + handle);
      }
    }
    Set<Handle> ended = new HashSet<>();
    for (Entry entry : entries) {
      if (entry.trigger instanceof Trigger.After(Handle handle, long _)
          && !kinds.containsKey(handle)) {
        throw new IllegalArgumentException(":after names no fault of the schedule: " + handle);
      }
      if (entry.act instanceof End(Handle handle, String function)) {
        FaultKind kind = kinds.get(handle);
        if (kind == null) {
          throw new IllegalArgumentException(":" + function + " of no fault: " + handle);
        }
        if (!kind.end().equals(Optional.of(function))) {
          throw new IllegalArgumentException(
              "a %s ends by %s, not by :%s: %s"
                  .formatted(
                      kind.name(),
                      kind.end().map(e -> ":" + e).orElse("itself"),
                      function,
                      handle));
        }
        if (!ended.add(handle)) {
          throw new IllegalArgumentException("two ends of one fault: " + handle);
        }
      }
    }
  }

  /**
   * Draws a schedule. Kinds come in rounds, each round with all kinds in a random order, so that a
   * short run has every kind.
   *
   * @param kinds one that is there twice comes twice in a round
   * @throws IllegalArgumentException if a kind is not one of {@link Faults#KINDS}
   */
  public static Schedule draw(Seed seed, Collection<String> kinds, Plan plan) {
    kinds.forEach(Faults::kind);
    List<Entry> entries = new ArrayList<>();
    List<String> round = new ArrayList<>();
    Seed order = seed.child("order");
    long at = plan.firstNanos;
    for (int n = 0; !kinds.isEmpty(); n++) {
      if (round.isEmpty()) {
        kinds.stream().sorted().forEach(round::add);
      }
      FaultKind kind = Faults.kind(round.remove(order.drawInt(round.size())));
      order = order.next();
      Seed own = seed.child(n);
      long duration = between(own.child("duration"), plan.durationNanosMin, plan.durationNanosMax);
      if (at + duration >= plan.limitNanos) {
        break;
      }
      String handle = "f" + (n + 1);
      entries.add(begin(at, handle, kind.draw(own, plan.policy)));
      if (kind.end().isPresent()) {
        entries.add(end(at + duration, handle, kind));
      }
      at += between(own.child("gap"), plan.gapNanosMin, plan.gapNanosMax);
      at += plan.spacing == Spacing.END ? duration : 0;
    }
    return new Schedule(entries);
  }

  /**
   * The same faults, with the same pauses between them, however long each takes to begin and to
   * end: an entry fires so long after the one before it, and not at its time. For clusters in real
   * time, where a failover can take longer than the pause behind it: what has become due meanwhile
   * would begin and end at once.
   *
   * @param isChained the faults that this is for, by their handles; the others stay as they are
   */
  public Schedule chained(Predicate<Handle> isChained) {
    Map<Handle, Long> begins = new HashMap<>();
    Optional<Handle> before = Optional.empty();
    List<Entry> chained = new ArrayList<>();
    for (Entry entry : entries) {
      Handle own = entry.act.handle();
      if (!(entry.trigger instanceof Trigger.At(long at)) || !isChained.test(own)) {
        chained.add(entry);
        continue;
      }
      Handle after = entry.act instanceof Begin ? before.orElse(own) : own;
      Trigger trigger =
          after.equals(own) && entry.act instanceof Begin
              ? entry.trigger
              : new Trigger.After(after, Math.max(0, at - begins.get(after)));
      chained.add(new Entry(trigger, entry.act));
      if (entry.act instanceof Begin) {
        begins.put(own, at);
        before = Optional.of(own);
      }
    }
    return new Schedule(chained);
  }

  private static long between(Seed seed, long min, long max) {
    return max <= min ? min : min + seed.drawLong(max - min);
  }

  /** The names of the kinds of faults in it, in the order of their names. */
  public Set<String> kinds() {
    Set<String> kinds = new TreeSet<>();
    for (Entry entry : entries) {
      if (entry.act instanceof Begin(Handle _, Fault fault)) {
        kinds.add(fault.kind().name());
      }
    }
    return kinds;
  }

  /**
   * The reasons why a cluster cannot do what this schedule asks for, one line each; empty if it
   * can. Ask before the run.
   */
  public List<String> objections(Capabilities capabilities, List<NodeId> nodes) {
    List<String> objections = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      String where = "entry " + (i + 1) + ", ";
      for (Capability need : new TreeSet<>(entry.trigger.needs())) {
        capabilities
            .objection(need)
            .ifPresent(reason -> objections.add(where + "its trigger: " + reason));
      }
      List<NodeId> named = new ArrayList<>(entry.trigger.node().stream().toList());
      if (entry.act instanceof Begin(Handle _, Fault fault)) {
        Faults.objection(fault.kind(), capabilities)
            .ifPresent(reason -> objections.add(where + reason));
        named.addAll(namedNodes(fault));
      }
      for (NodeId node : named) {
        if (!nodes.contains(node)) {
          objections.add(where + "no node " + node + " (there are " + nodes + ")");
        }
      }
    }
    return objections;
  }

  private static List<NodeId> namedNodes(Fault fault) {
    List<NodeId> named = new ArrayList<>();
    if (fault.value().get("target") instanceof Edn.Vector(List<Edn> items)) {
      items.forEach(item -> named.add(new NodeId(((Edn.Text) item).value())));
    }
    if (fault.value().get("node") instanceof Edn.Text(String name)) {
      named.add(new NodeId(name));
    }
    return named;
  }

  /** The call that asks the nemesis for an act. */
  static UntypedCall call(Act act) {
    EdnTable value = new EdnTable().put("handle", act.handle().name());
    return switch (act) {
      case Begin(Handle _, Fault fault) ->
          new UntypedCall(Edn.keyword(fault.kind().name()), value.putAll(fault.value()).build());
      case End(Handle _, String function) -> new UntypedCall(Edn.keyword(function), value.build());
    };
  }

  /** EDN: a vector with one entry a line. */
  public String toEdn() {
    return ScheduleText.print(this);
  }

  /**
   * Reads {@link #toEdn}'s form.
   *
   * @param source named in errors
   * @throws IllegalArgumentException if it is no schedule: one line that names source, line and
   *     entry
   */
  public static Schedule ofEdn(String text, String source) {
    return ScheduleText.parse(text, source);
  }
}
