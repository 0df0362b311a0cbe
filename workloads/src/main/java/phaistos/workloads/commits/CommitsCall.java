package phaistos.workloads.commits;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.LongStream;
import phaistos.histories.Codec;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;

/** The calls of the workload {@code commits}. No two transactions of a run share a value. */
public sealed interface CommitsCall {
  /** The function of a read of everything on the primary. */
  String FINAL_READ = "final-read";

  /** {@code :insert 7}: a transaction that inserts one row. */
  record InsertOne(long value) implements CommitsCall {}

  /** {@code :insert-many [10 11 ...]}: a transaction that inserts several rows. */
  record InsertMany(List<Long> values) implements CommitsCall {
    public InsertMany {
      values = List.copyOf(values);
    }
  }

  /**
   * {@code :rollback [20 ...]}: inserts rows and rolls back on purpose. Always a fail: its rows are
   * certainly not there.
   */
  record Rollback(List<Long> values) implements CommitsCall {
    public Rollback {
      values = List.copyOf(values);
    }
  }

  /** {@code :final-read [...]}: all values on the primary, sorted; empty in the invocation. */
  record FinalRead(List<Long> values) implements CommitsCall {
    public FinalRead {
      values = List.copyOf(values);
    }
  }

  /**
   * {@code :standby-read {:node "n2" :values [...]}}: all values on one node, which was a standby
   * when it was asked.
   */
  record StandbyRead(String node, List<Long> values) implements CommitsCall {
    public StandbyRead {
      values = List.copyOf(values);
    }
  }

  /** The values that this call writes. */
  default List<Long> written() {
    return switch (this) {
      case InsertOne(long value) -> List.of(value);
      case InsertMany(List<Long> values) -> values;
      case Rollback(List<Long> values) -> values;
      case FinalRead _, StandbyRead _ -> List.of();
    };
  }

  /** The values that were read. */
  default List<Long> read() {
    return switch (this) {
      case FinalRead(List<Long> values) -> values;
      case StandbyRead(String _, List<Long> values) -> values;
      case InsertOne _, InsertMany _, Rollback _ -> List.of();
    };
  }

  Codec<CommitsCall> CODEC =
      new Codec<>() {
        @Override
        public CommitsCall decode(UntypedCall call) {
          return switch (call.name()) {
            case "insert" -> new InsertOne(integer(call.value()));
            case "insert-many" -> new InsertMany(integers(call.value()));
            case "rollback" -> new Rollback(integers(call.value()));
            case FINAL_READ -> new FinalRead(integers(call.value()));
            case "standby-read" -> {
              if (call.value() instanceof Edn.Table table
                  && table.get("node") instanceof Edn.Text(String node)) {
                yield new StandbyRead(node, integers(table.get("values")));
              }
              throw new IllegalArgumentException("standby-read: expected {:node ... :values ...}");
            }
            default -> throw new IllegalArgumentException("no call of commits: " + call.name());
          };
        }

        @Override
        public UntypedCall encode(CommitsCall call) {
          return switch (call) {
            case InsertOne(long value) -> of("insert", Edn.of(value));
            case InsertMany(List<Long> values) -> of("insert-many", vector(values));
            case Rollback(List<Long> values) -> of("rollback", vector(values));
            case FinalRead(List<Long> values) -> of(FINAL_READ, vector(values));
            case StandbyRead(String node, List<Long> values) -> {
              LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
              table.put(Edn.keyword("node"), Edn.of(node));
              table.put(Edn.keyword("values"), vector(values));
              yield of("standby-read", new Edn.Table(table));
            }
          };
        }
      };

  /** Values as they stand in the history. */
  static Edn vector(List<Long> values) {
    return new Edn.Vector(values.stream().map(Edn::of).toList());
  }

  private static UntypedCall of(String f, Edn value) {
    return new UntypedCall(Edn.keyword(f), value);
  }

  private static long integer(Edn value) {
    if (value instanceof Edn.Int(long number)) {
      return number;
    }
    throw new IllegalArgumentException("expected an integer: " + value);
  }

  private static List<Long> integers(Edn value) {
    if (value == Edn.NIL) {
      return List.of();
    }
    return value.elements().stream().map(CommitsCall::integer).toList();
  }

  /** {@code count} values from {@code first} on. */
  static List<Long> run(long first, int count) {
    return LongStream.range(first, first + count).boxed().toList();
  }
}
