package phaistos.checker.transactions;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/**
 * Takes events one after the other, keeps their transactions in columns, and forgets the events. A
 * history may have no invocations at all (then its transactions have no place in real time); where
 * it has some, every completion must have one. A process may invoke again while its call is open
 * (then calls complete in the order of their invocations). Events of no client are skipped. Not
 * thread-safe.
 */
public final class TransactionsBuilder {
  private static final int FIELDS = 3;

  private final DataType dataType;
  private final Versions versions = new Versions();
  private final ListStates states = new ListStates();

  private byte[] type = new byte[16];
  private final Ints process = new Ints();
  private final Ints invokedAt = new Ints();
  private final Ints completedAt = new Ints();
  private final Ints index = new Ints();
  private final Ints stepStart = new Ints();
  private byte[] stepKind = new byte[64];
  private final Ints stepKey = new Ints();
  private final Ints stepValue = new Ints();

  private final Map<Process.Client, Integer> processIds = new HashMap<>();
  private Edn[] processNames = new Edn[16];
  private final Map<Integer, Deque<Open>> open = new HashMap<>();
  private final Ints invocations = new Ints();
  private boolean[] invoked = new boolean[16];
  private int writtenTwice = Versions.NONE;
  private int place;
  private boolean isBare;
  private long acknowledged;
  private boolean isInvocation;
  private boolean known;
  private final Ints scratch = new Ints();
  private final Predicates predicates = new Predicates();
  private boolean hasPredicate;
  private Edn original = Edn.NIL;

  /** A call that has not completed: where it was invoked, and its steps. */
  private record Open(int place, int index, int process, int[] steps) {}

  public TransactionsBuilder(DataType dataType) {
    this.dataType = dataType;
  }

  /**
   * Takes the next event.
   *
   * @throws IllegalArgumentException if its value is no transaction of this data type
   */
  public void add(Event<UntypedCall> event) {
    if (!(event.process() instanceof Process.Client client)) {
      return;
    }
    begin(event);
    Edn value = event.call().value();
    original = value;
    if (!(value instanceof Edn.Nil)) {
      for (Edn step : steps(value, event)) {
        addStep(step, event);
      }
    }
    finish(event, client, !(value instanceof Edn.Nil));
  }

  /** Takes the next event of a typed history. */
  public void addTyped(Event<TxnCall> event) {
    if (!(event.process() instanceof Process.Client client)) {
      return;
    }
    begin(event);
    for (MicroOp step : event.call().steps()) {
      switch (step) {
        case MicroOp.Append append -> addWrite(versions.key(append.key()), append.element(), event);
        case MicroOp.Write write -> addWrite(versions.key(write.key()), write.value(), event);
        case MicroOp.ReadList read ->
            addRead(
                versions.key(read.key()),
                read.elements().<Edn>map(Edn.Vector::new).orElse(Edn.NIL),
                event);
        case MicroOp.ReadRegister read -> addRead(versions.key(read.key()), read.value(), event);
        case MicroOp.ReadPredicate read -> {
          original = TxnCall.codec(dataType).encode(event.call()).value();
          addPredicate(read.predicate(), read.rows(), event);
        }
      }
    }
    finish(event, client, true);
  }

  private void begin(Event<?> event) {
    hasPredicate = false;
    scratch.clear();
    isInvocation = event.isInvoke();
    known = event instanceof Event.Ok || event instanceof Event.Info;
  }

  private static List<Edn> steps(Edn value, Event<?> event) {
    try {
      return value.elements();
    } catch (IllegalArgumentException _) {
      throw bad(event, "the value is no list of steps: " + EdnWriter.print(value));
    }
  }

  private void addStep(Edn step, Event<?> event) {
    List<Edn> parts =
        switch (step) {
          case Edn.Vector vector -> vector.items();
          case Edn.Sequence sequence -> sequence.items();
          default -> List.of();
        };
    if (parts.size() < 2 || parts.size() > 3) {
      throw bad(event, "a step is not [f key value]: " + EdnWriter.print(step));
    }
    String f =
        switch (parts.get(0)) {
          case Edn.Keyword keyword -> keyword.name();
          case Edn.Text text -> text.value();
          case Edn.Symbol symbol -> symbol.name();
          default -> "";
        };
    Edn value = parts.size() == 3 ? parts.get(2) : Edn.NIL;
    if (f.equals("rp") && dataType == DataType.RW_REGISTER) {
      addPredicate(parts.get(1), value, event);
      return;
    }
    int key = versions.key(parts.get(1));
    if (f.equals("r")) {
      addRead(key, value, event);
    } else if (f.equals(dataType.write())) {
      addWrite(key, value, event);
    } else {
      throw bad(
          event,
          "a step of "
              + dataType.label()
              + " is r or "
              + dataType.write()
              + ", not "
              + EdnWriter.print(step));
    }
  }

  /** The rows that it saw are reads; which others it did not see is known at the end only. */
  private void addPredicate(Edn predicate, Edn rows, Event<?> event) {
    hasPredicate = true;
    try {
      Predicates.matches(predicate, Edn.of(0));
      if (!(event instanceof Event.Ok)) {
        return;
      }
      Set<Integer> seen = new HashSet<>();
      if (rows instanceof Edn.Table table) {
        for (Map.Entry<Edn, Edn> row : table.entries().entrySet()) {
          if (!Predicates.matches(predicate, row.getValue())) {
            throw bad(
                event,
                "a read by predicate %s returned a row that does not match it: %s %s"
                    .formatted(
                        EdnWriter.print(predicate),
                        EdnWriter.print(row.getKey()),
                        EdnWriter.print(row.getValue())));
          }
          int key = versions.key(row.getKey());
          seen.add(key);
          addRead(key, row.getValue(), event);
        }
      } else if (!(rows instanceof Edn.Nil)) {
        throw bad(event, "the rows of a read by predicate are no map: " + EdnWriter.print(rows));
      }
      predicates.add(process.size(), scratch.size() / FIELDS, predicate, seen);
    } catch (IllegalArgumentException e) {
      String prefix = "event " + event.index() + ": ";
      throw e.getMessage().startsWith(prefix) ? e : bad(event, e.getMessage());
    }
  }

  private void addWrite(int key, Edn value, Event<?> event) {
    if (value instanceof Edn.Nil) {
      throw bad(event, "a write of nil, which is the initial state");
    }
    int version = versions.version(key, value);
    if (isInvocation) {
      noteInvoked(version);
    }
    scratch.add(Transactions.WRITE);
    scratch.add(key);
    scratch.add(version);
  }

  private void noteInvoked(int version) {
    if (version >= invoked.length) {
      invoked = Arrays.copyOf(invoked, Ints.grown(version));
    }
    if (invoked[version]) {
      writtenTwice = version;
    }
    invoked[version] = true;
  }

  private void addRead(int key, Edn value, Event<?> event) {
    scratch.add(Transactions.READ);
    scratch.add(key);
    if (dataType == DataType.RW_REGISTER) {
      scratch.add(known ? versions.version(key, value) : versions.initial(key));
    } else {
      scratch.add(known ? listState(key, value, event) : Transactions.NIL);
    }
  }

  private int listState(int key, Edn value, Event<?> event) {
    List<Edn> elements =
        switch (value) {
          case Edn.Nil _ -> List.of();
          case Edn.Vector vector -> vector.items();
          case Edn.Sequence sequence -> sequence.items();
          default -> throw bad(event, "a list was read as " + EdnWriter.print(value));
        };
    if (value instanceof Edn.Nil) {
      return Transactions.NIL;
    }
    int state = states.root(key);
    for (int i = 0; i < elements.size(); i++) {
      Edn element = elements.get(i);
      // Nearly every read goes along what was read before, which needs no look-up of versions.
      int next = states.child(state);
      boolean isKnown = next != ListStates.NONE && versions.has(states.element(next), element);
      state = isKnown ? next : states.after(state, versions.version(key, element));
    }
    return state;
  }

  private void finish(Event<?> event, Process.Client client, boolean hasValue) {
    int processId = processId(client);
    int eventIndex =
        event.index() < 0 || event.index() > Integer.MAX_VALUE ? place : (int) event.index();
    if (isInvocation) {
      if (isBare) {
        throw bad(event, client + " invokes, but earlier completions had no invocation");
      }
      invocations.add(place);
      open.computeIfAbsent(processId, _ -> new ArrayDeque<>(1))
          .addLast(new Open(place, eventIndex, processId, scratch.toArray().clone()));
    } else {
      Deque<Open> calls = open.get(processId);
      Open call = calls == null ? null : calls.pollFirst();
      isBare |= call == null;
      if (call == null && invocations.size() > 0) {
        throw bad(event, client + " completes (" + event.type() + ") what it did not invoke");
      }
      acknowledged += event instanceof Event.Ok ? 1 : 0;
      int[] steps = hasValue || call == null ? null : call.steps;
      byte outcome =
          switch (event) {
            case Event.Ok<?> _ -> Transactions.OK;
            case Event.Fail<?> _ -> Transactions.FAIL;
            default -> Transactions.INFO;
          };
      if (hasPredicate) {
        predicates.originals().put(process.size(), original);
      }
      addTransaction(outcome, processId, call == null ? Transactions.NOWHERE : call.place, steps);
      completedAt.add(place);
      index.add(eventIndex);
    }
    place++;
  }

  private int processId(Process.Client client) {
    Integer id = processIds.get(client);
    if (id == null) {
      id = processIds.size();
      processIds.put(client, id);
      if (id == processNames.length) {
        processNames = Arrays.copyOf(processNames, id * 2);
      }
      processNames[id] = client.value();
    }
    return id;
  }

  /** Adds a transaction with these steps, or with those in the scratch array. */
  private void addTransaction(byte outcome, int processId, int invokedAtPlace, int[] given) {
    int id = process.size();
    if (id == type.length) {
      type = Arrays.copyOf(type, Ints.grown(id));
    }
    type[id] = outcome;
    process.add(processId);
    invokedAt.add(invokedAtPlace);
    stepStart.add(stepKey.size());
    int length = given == null ? scratch.size() : given.length;
    for (int i = 0; i < length; i += FIELDS) {
      int step = stepKey.size();
      if (step == stepKind.length) {
        stepKind = Arrays.copyOf(stepKind, Ints.grown(step));
      }
      stepKind[step] = (byte) (given == null ? scratch.get(i) : given[i]);
      stepKey.add(given == null ? scratch.get(i + 1) : given[i + 1]);
      stepValue.add(given == null ? scratch.get(i + 2) : given[i + 2]);
    }
  }

  /** How many transactions were completed as ok. */
  public long acknowledged() {
    return acknowledged;
  }

  /** The transactions of the events so far; the builder is spent. */
  public Transactions build() {
    List<Open> unfinished =
        open.values().stream()
            .flatMap(Collection::stream)
            .sorted(Comparator.comparingInt(Open::place))
            .toList();
    for (Open call : unfinished) {
      addTransaction(Transactions.INFO, call.process, call.place, call.steps);
      completedAt.add(Transactions.NOWHERE);
      index.add(call.index);
    }
    stepStart.add(stepKey.size());
    Transactions.Columns columns =
        new Transactions.Columns(
            Arrays.copyOf(type, process.size()),
            process.toArray(),
            Arrays.copyOf(processNames, processIds.size()),
            invokedAt.toArray(),
            completedAt.toArray(),
            index.toArray(),
            stepStart.toArray(),
            Arrays.copyOf(stepKind, stepKey.size()),
            stepKey.toArray(),
            stepValue.toArray());
    Transactions.Invoked placed = new Transactions.Invoked(writtenTwice, invocations.toArray());
    if (predicates.isEmpty()) {
      return new Transactions(
          dataType, versions, states, columns, placed, Transactions.ByPredicate.NONE);
    }
    return withPredicates(columns, placed);
  }

  /** Puts the reads of nil that reads by predicate are among the steps. */
  private Transactions withPredicates(Transactions.Columns old, Transactions.Invoked placed) {
    List<Set<Edn>> written = new ArrayList<>();
    for (int key = 0; key < versions.keyCount(); key++) {
      written.add(new HashSet<>());
    }
    int count = old.type().length;
    for (int t = 0; t < count; t++) {
      for (int step = old.stepStart()[t]; step < old.stepStart()[t + 1]; step++) {
        if (old.type()[t] != Transactions.FAIL && old.stepKind()[step] == Transactions.WRITE) {
          written.get(old.stepKey()[step]).add(versions.value(old.stepValue()[step]));
        }
      }
    }
    Predicates.Resolved resolved = predicates.resolve(written);
    Ints starts = new Ints();
    Ints kinds = new Ints();
    Ints keys = new Ints();
    Ints values = new Ints();
    BitSet byPredicate = new BitSet();
    int next = 0;
    for (int t = 0; t < count; t++) {
      starts.add(keys.size());
      int length = old.stepStart()[t + 1] - old.stepStart()[t];
      for (int place = 0; place <= length; place++) {
        while (next < resolved.nils().size()
            && resolved.nils().get(next).transaction() == t
            && resolved.nils().get(next).step() == place) {
          int key = resolved.nils().get(next++).key();
          byPredicate.set(keys.size());
          kinds.add(Transactions.READ);
          keys.add(key);
          values.add(versions.initial(key));
        }
        if (place < length) {
          int step = old.stepStart()[t] + place;
          kinds.add(old.stepKind()[step]);
          keys.add(old.stepKey()[step]);
          values.add(old.stepValue()[step]);
        }
      }
    }
    starts.add(keys.size());
    byte[] kindBytes = new byte[kinds.size()];
    for (int i = 0; i < kindBytes.length; i++) {
      kindBytes[i] = (byte) kinds.get(i);
    }
    Transactions.Columns columns =
        new Transactions.Columns(
            old.type(),
            old.process(),
            old.processNames(),
            old.invokedAt(),
            old.completedAt(),
            old.index(),
            starts.toArray(),
            kindBytes,
            keys.toArray(),
            values.toArray());
    return new Transactions(
        dataType,
        versions,
        states,
        columns,
        placed,
        new Transactions.ByPredicate(byPredicate, resolved.open(), predicates.originals()));
  }

  private static IllegalArgumentException bad(Event<?> event, String reason) {
    return new IllegalArgumentException("event " + event.index() + ": " + reason);
  }
}
