package phaistos.nemesis;

import java.util.List;
import java.util.Locale;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.histories.Codec;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;

/**
 * What a nemesis is asked to do. Targets are resolved when it fires, by the fault's own seed, so
 * that a schedule can be replayed whatever came before.
 */
public sealed interface Fault {
  /**
   * Cuts links between nodes until {@link Heal}.
   *
   * @param shape what is cut
   */
  record Partition(Shape shape, long seed) implements Fault {}

  enum Shape {
    /** One directed stream of one link between a standby and the primary. */
    ONE_WAY,
    /** Both streams of one such link. */
    ONE_LINK,
    /** Every stream between the primary and the other nodes. */
    ISOLATE_PRIMARY;

    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Heals every link. */
  record Heal() implements Fault {}

  /** SIGKILL: the page cache stays. */
  record Kill(NodeSpec target, long seed) implements Fault {}

  /** Power cut: unsynced writes are lost as the mode says. */
  record Crash(NodeSpec target, CrashMode mode, long seed) implements Fault {}

  /** Starts every node that is down. */
  record Restart() implements Fault {}

  /** SIGSTOP. */
  record Pause(NodeSpec target, long seed) implements Fault {}

  /** SIGCONT for every paused node. */
  record Resume() implements Fault {}

  /** Takes the primary away and has the operator make another one. */
  record Failover(Loss loss, Policy policy, long seed) implements Fault {}

  /** How a failover's primary is lost. */
  enum Loss {
    KILL,
    CRASH
  }

  /** Whom the operator promotes. */
  enum Policy {
    /** Only a standby that must hold every acknowledged commit; nobody if that is not known. */
    SAFE,
    /** Whoever answers first. */
    RECKLESS
  }

  /** Heals, resumes and starts everything, and waits until all standbys have caught up. */
  record Recover() implements Fault {}

  /** The function's name in the history. */
  default String f() {
    return switch (this) {
      case Partition _ -> "partition";
      case Heal _ -> "heal";
      case Kill _ -> "kill";
      case Crash _ -> "crash";
      case Restart _ -> "restart";
      case Pause _ -> "pause";
      case Resume _ -> "resume";
      case Failover _ -> "failover";
      case Recover _ -> "recover";
    };
  }

  Codec<Fault> CODEC =
      new Codec<>() {
        @Override
        public Fault decode(UntypedCall call) {
          Edn.Table t = call.value() instanceof Edn.Table table ? table : Edn.Table.EMPTY;
          return switch (call.name()) {
            case "partition" -> new Partition(word(t, "shape", Shape.values()), seed(t));
            case "heal" -> new Heal();
            case "kill" -> new Kill(NodeSpec.of(keyword(t, "target")), seed(t));
            case "crash" ->
                new Crash(
                    NodeSpec.of(keyword(t, "target")),
                    word(t, "mode", CrashMode.values()),
                    seed(t));
            case "restart" -> new Restart();
            case "pause" -> new Pause(NodeSpec.of(keyword(t, "target")), seed(t));
            case "resume" -> new Resume();
            case "failover" ->
                new Failover(
                    word(t, "loss", Loss.values()), word(t, "policy", Policy.values()), seed(t));
            case "recover" -> new Recover();
            default -> throw new IllegalArgumentException("no fault: " + call.name());
          };
        }

        @Override
        public UntypedCall encode(Fault fault) {
          Edn value =
              switch (fault) {
                case Partition(Shape shape, long seed) ->
                    new EdnTable()
                        .put("shape", Edn.keyword(shape.word()))
                        .put("seed", seed)
                        .build();
                case Kill(NodeSpec target, long seed) ->
                    new EdnTable()
                        .put("target", Edn.keyword(target.word()))
                        .put("seed", seed)
                        .build();
                case Crash(NodeSpec target, CrashMode mode, long seed) ->
                    new EdnTable()
                        .put("target", Edn.keyword(target.word()))
                        .put("mode", enumWord(mode))
                        .put("seed", seed)
                        .build();
                case Pause(NodeSpec target, long seed) ->
                    new EdnTable()
                        .put("target", Edn.keyword(target.word()))
                        .put("seed", seed)
                        .build();
                case Failover(Loss loss, Policy policy, long seed) ->
                    new EdnTable()
                        .put("loss", enumWord(loss))
                        .put("policy", enumWord(policy))
                        .put("seed", seed)
                        .build();
                case Heal _, Restart _, Resume _, Recover _ -> Edn.NIL;
              };
          return new UntypedCall(Edn.keyword(fault.f()), value);
        }
      };

  static Edn enumWord(Enum<?> value) {
    return Edn.keyword(value.name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  private static <E extends Enum<E>> E word(Edn.Table table, String name, E[] values) {
    String word = keyword(table, name);
    for (E value : values) {
      if (enumWord(value).equals(Edn.keyword(word))) {
        return value;
      }
    }
    throw new IllegalArgumentException(
        "no such " + name + ": " + word + " (expected one of " + List.of(values) + ")");
  }

  private static String keyword(Edn.Table table, String name) {
    if (table.get(name) instanceof Edn.Keyword(String word)) {
      return word;
    }
    throw new IllegalArgumentException("a fault without a keyword under :" + name);
  }

  private static long seed(Edn.Table table) {
    if (table.get("seed") instanceof Edn.Int(long seed)) {
      return seed;
    }
    throw new IllegalArgumentException("a fault without an integer under :seed");
  }
}
