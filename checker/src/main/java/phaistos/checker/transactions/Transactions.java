package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * The transactions of a history as columns of numbers: some forty bytes a transaction and ten a
 * step, so that millions fit in memory. A transaction is a completion, or an invocation that has
 * none. Made by {@link TransactionsBuilder}; immutable from then on.
 */
public final class Transactions {
  static final byte OK = 0;

  /** May have happened: info, and what the history ends before. */
  static final byte INFO = 1;

  static final byte FAIL = 2;

  static final byte READ = 0;
  static final byte WRITE = 1;

  /** The value of a list read that nobody saw, or that was nil. */
  static final int NIL = -1;

  /** The place of an event that is not there. */
  static final int NOWHERE = -1;

  final DataType dataType;
  final Versions versions;
  final ListStates states;
  final byte[] type;
  final int[] process;
  final Edn[] processNames;
  final int[] invokedAt;
  final int[] completedAt;
  final int[] index;

  /** The steps of transaction t stand from stepStart[t] to before stepStart[t + 1]. */
  final int[] stepStart;

  final byte[] stepKind;
  final int[] stepKey;

  /** Of a write and of a register's read its version; of a list's read its state. */
  final int[] stepValue;

  /** A version that two invocations write; {@link Versions#NONE} if there is none. */
  final int writtenTwice;

  /** The places of all invocations, in order, those of failed transactions too. */
  final int[] invocations;

  /** Of each version its place in an order known from elsewhere, -1 for none; empty without one. */
  private final int[] place;

  /** What is there of reads by predicate. */
  final ByPredicate byPredicate;

  Transactions(
      DataType dataType,
      Versions versions,
      ListStates states,
      Columns columns,
      Invoked invoked,
      ByPredicate byPredicate) {
    this.byPredicate = byPredicate;
    place = new int[0];
    this.dataType = dataType;
    this.versions = versions;
    this.states = states;
    this.type = columns.type;
    this.process = columns.process;
    this.processNames = columns.processNames;
    this.invokedAt = columns.invokedAt;
    this.completedAt = columns.completedAt;
    this.index = columns.index;
    this.stepStart = columns.stepStart;
    this.stepKind = columns.stepKind;
    this.stepKey = columns.stepKey;
    this.stepValue = columns.stepValue;
    this.writtenTwice = invoked.writtenTwice;
    this.invocations = invoked.places;
  }

  private Transactions(Transactions other, int[] place) {
    this.place = place;
    dataType = other.dataType;
    versions = other.versions;
    states = other.states;
    type = other.type;
    process = other.process;
    processNames = other.processNames;
    invokedAt = other.invokedAt;
    completedAt = other.completedAt;
    index = other.index;
    stepStart = other.stepStart;
    stepKind = other.stepKind;
    stepKey = other.stepKey;
    stepValue = other.stepValue;
    writtenTwice = other.writtenTwice;
    invocations = other.invocations;
    byPredicate = other.byPredicate;
  }

  /**
   * The same with the order in which a register's versions were written, as a database's log tells
   * it: for each key its values, first to last. Values that the history does not mention are
   * skipped; what is not listed has no known place. Every answer then rests on this order.
   *
   * @throws IllegalArgumentException if these are lists, which show their own order, or a value of
   *     a key stands in its list twice
   */
  public Transactions withVersionOrder(Map<Edn, List<Edn>> order) {
    if (dataType != DataType.RW_REGISTER) {
      throw new IllegalArgumentException("only the versions of registers can be ordered");
    }
    int[] places = new int[versions.count()];
    Arrays.fill(places, -1);
    for (Map.Entry<Edn, List<Edn>> entry : order.entrySet()) {
      int next = 0;
      for (Edn value : entry.getValue()) {
        int version = versions.known(entry.getKey(), value);
        if (version >= 0 && places[version] >= 0) {
          throw new IllegalArgumentException(
              "key %s has %s twice in its order"
                  .formatted(EdnWriter.print(entry.getKey()), EdnWriter.print(value)));
        }
        if (version >= 0) {
          places[version] = next++;
        }
      }
    }
    return new Transactions(this, places);
  }

  /** Whether an order of versions is known from elsewhere. */
  boolean hasVersionOrder() {
    return place.length > 0;
  }

  /** The place of a version in the order known from elsewhere; -1 if it has none. */
  int place(int version) {
    return place.length == 0 ? -1 : place[version];
  }

  record Columns(
      byte[] type,
      int[] process,
      Edn[] processNames,
      int[] invokedAt,
      int[] completedAt,
      int[] index,
      int[] stepStart,
      byte[] stepKind,
      int[] stepKey,
      int[] stepValue) {}

  /**
   * Reads by predicate.
   *
   * @param nils the steps that are reads of nil by predicate
   * @param open reads of which it is not known which version they saw
   * @param originals of transactions with such reads their steps as they stand in the history
   */
  record ByPredicate(BitSet nils, List<Predicates.Open> open, Map<Integer, Edn> originals) {
    static final ByPredicate NONE = new ByPredicate(new BitSet(), List.of(), Map.of());
  }

  record Invoked(int writtenTwice, int[] places) {}

  /** The transactions of an untyped history. */
  public static Transactions ofUntyped(DataType type, History<UntypedCall> history) {
    return ofUntyped(type, history.events());
  }

  /** The transactions of these events, which need not be well-formed. */
  public static Transactions ofUntyped(DataType type, List<Event<UntypedCall>> events) {
    TransactionsBuilder builder = new TransactionsBuilder(type);
    events.forEach(builder::add);
    return builder.build();
  }

  /** The transactions of a typed history. */
  public static Transactions of(DataType type, History<TxnCall> history) {
    TransactionsBuilder builder = new TransactionsBuilder(type);
    history.events().forEach(builder::addTyped);
    return builder.build();
  }

  public int size() {
    return type.length;
  }

  public DataType dataType() {
    return dataType;
  }

  /** How many steps all transactions have. */
  public int stepCount() {
    return stepStart[type.length];
  }

  boolean isOk(int transaction) {
    return type[transaction] == OK;
  }

  int from(int transaction) {
    return stepStart[transaction];
  }

  int to(int transaction) {
    return stepStart[transaction + 1];
  }

  /** The transaction as it stands in the history. */
  public String print(int transaction) {
    SequencedMap<Edn, Edn> op = new LinkedHashMap<>();
    op.put(Edn.keyword("index"), Edn.of(index[transaction]));
    op.put(Edn.keyword("type"), Edn.keyword(typeWord(transaction)));
    op.put(Edn.keyword("process"), processNames[process[transaction]]);
    op.put(Edn.keyword("f"), Edn.keyword("txn"));
    op.put(Edn.keyword("value"), value(transaction));
    return EdnWriter.print(new Edn.Table(op));
  }

  /** Its steps. */
  public Edn value(int transaction) {
    Edn original = byPredicate.originals().get(transaction);
    if (original != null) {
      return original;
    }
    List<Edn> steps = new ArrayList<>();
    for (int step = from(transaction); step < to(transaction); step++) {
      steps.add(step(step));
    }
    return new Edn.Vector(steps);
  }

  Edn step(int step) {
    Edn key = versions.key(stepKey[step]);
    int value = stepValue[step];
    if (stepKind[step] == WRITE) {
      return Edn.vector(Edn.keyword(dataType.write()), key, versions.value(value));
    }
    return Edn.vector(Edn.keyword("r"), key, readValue(value));
  }

  private Edn readValue(int value) {
    if (dataType == DataType.RW_REGISTER) {
      return versions.value(value);
    }
    return value == NIL ? Edn.NIL : list(value);
  }

  /** A state's elements. */
  Edn list(int state) {
    List<Edn> items = new ArrayList<>();
    for (int version : states.elements(state)) {
      items.add(versions.value(version));
    }
    return new Edn.Vector(items);
  }

  /** Jepsen's word for how it ended; invoke where the history ends before it. */
  String typeWord(int transaction) {
    return switch (type[transaction]) {
      case OK -> "ok";
      case FAIL -> "fail";
      default -> completedAt[transaction] == NOWHERE ? "invoke" : "info";
    };
  }

  /** The last version of a list's state, the key's initial one for an empty or unseen list. */
  int lastVersion(int step) {
    int state = stepValue[step];
    int version = state == NIL ? ListStates.NONE : states.element(state);
    return version == ListStates.NONE ? versions.initial(stepKey[step]) : version;
  }

  /** Its process as people read it. */
  String processName(int transaction) {
    return EdnWriter.print(processNames[process[transaction]]);
  }

  /** A key as people read it. */
  String keyName(int key) {
    return EdnWriter.print(versions.key(key));
  }

  String valueName(int version) {
    return EdnWriter.print(versions.value(version));
  }
}
