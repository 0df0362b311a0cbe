package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.histories.Edn;
import phaistos.histories.EdnReader;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.HistoryReader;
import phaistos.histories.UntypedCall;
import phaistos.workloads.Workload;
import phaistos.workloads.Workloads;

/**
 * Each workload's checkers fail on a wrong answer. Method: the history of a short, sound run is
 * valid; then one answer in it is changed as a lying client, or a wrong database, would have it.
 */
@Tag("slow")
class WorkloadCheckersTest {
  @TempDir Path store;

  /** Changes one event; empty if this event cannot be changed into a wrong one. */
  interface Lie {
    Optional<Event<UntypedCall>> of(Event<UntypedCall> event, List<Event<UntypedCall>> before);
  }

  record Case(String workload, String checker, String what, Lie lie) {
    @Override
    public String toString() {
      return workload + ", " + checker + ": " + what;
    }
  }

  private static Lie value(String f, String from, String to) {
    return (event, _) ->
        event instanceof Event.Ok && event.call().name().equals(f)
            ? Optional.of(
                    event.withCall(
                        new UntypedCall(
                            event.call().f(),
                            edn(text(event.call().value()).replaceFirst(from, to)))))
                .filter(e -> !e.call().equals(event.call()))
            : Optional.empty();
  }

  /** A read that lacks what was acknowledged long ago. */
  private static Lie lacksFirst(String f) {
    return (event, before) ->
        event instanceof Event.Ok
                && event.call().name().equals(f)
                && before.size() > 400
                && elements(event).size() > 2
            ? Optional.of(withElements(event, smallestGone(elements(event))))
            : Optional.empty();
  }

  private static List<Edn> smallestGone(List<Edn> all) {
    List<Edn> sorted = new ArrayList<>(all);
    sorted.sort(Comparator.comparing(WorkloadCheckersTest::text));
    List<Edn> rest = new ArrayList<>(all);
    rest.remove(sorted.getFirst());
    return rest;
  }

  /** The collection of a read: its value, the second of [k [...]]. */
  private static List<Edn> elements(Event<UntypedCall> event) {
    List<Edn> all = event.call().value().elements();
    return all.size() == 2 && all.get(1) instanceof Edn.Vector inner ? inner.items() : all;
  }

  private static Event<UntypedCall> withElements(Event<UntypedCall> event, List<Edn> elements) {
    List<Edn> all = event.call().value().elements();
    Edn value =
        all.size() == 2 && all.get(1) instanceof Edn.Vector
            ? Edn.vector(all.get(0), new Edn.Vector(elements))
            : new Edn.Vector(elements);
    return event.withCall(new UntypedCall(event.call().f(), value));
  }

  private static String text(Edn value) {
    return phaistos.histories.EdnWriter.print(value);
  }

  private static Edn edn(String text) {
    try {
      return new EdnReader(new StringReader(text), "lie").next().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<Case> cases() {
    Lie markerGone = lacksFirst("final-read");
    List<Case> cases =
        new ArrayList<>(
            List.of(
                new Case(
                    "register", "linearizable", "another value", value("read", " \\d\\]", " 9]")),
                new Case(
                    "list-append",
                    "transactions",
                    "an element twice",
                    value("txn", "\\[:r (\\d+) \\[(\\d+)", "[:r $1 [$2 $2")),
                new Case(
                    "rw-register",
                    "transactions",
                    "its own later write",
                    value("txn", ":r (\\d+) [^\\]]+\\](.*?\\[:w \\1 (\\d+))", ":r $1 $3]$2")),
                new Case(
                    "bank", "bank", "money from nowhere", value("read", "\\{0 \\d+", "{0 777")),
                new Case("set", "set", "an element gone", lacksFirst("last-read")),
                new Case("counter", "counter", "too much", value("read", ".*", "100000")),
                new Case("unique-ids", "unique ids", "an id twice", value("generate", ".*", "1")),
                new Case("long-fork", "long fork", "another order", WorkloadCheckersTest::fork),
                new Case("monotonic", "monotonic", "a row gone", lacksFirst("read")),
                new Case(
                    "causal-reverse",
                    "causal reverse",
                    "an early write is not seen",
                    lacksFirst("read")),
                new Case("g2", "g2", "both at serializable", WorkloadCheckersTest::both),
                new Case(
                    "write-skew",
                    "write skew",
                    "nobody on call",
                    value("read", "\\[\\d+ .*", "[0 [0 0]]")),
                new Case(
                    "dirty-read",
                    "dirty read",
                    "two values",
                    value("read", "\\[(\\d+) \\[(-?\\d+) .*", "[$1 [$2 99999 $2 $2]]")),
                new Case("queue", "queue", "an element twice", WorkloadCheckersTest::twice),
                new Case("standby-reads", "visibility", "seen, then gone", lacksFirst("last-read")),
                new Case("cancel", "acknowledgements", "an owed row gone", lacksFirst("last-read")),
                new Case(
                    "savepoints",
                    "savepoints",
                    "a row of a transaction gone",
                    lacksFirst("last-read")),
                new Case("aborts", "aborts", "a row gone", lacksFirst("last-read")),
                new Case(
                    "aborts", "aborts", "a failed block commits", WorkloadCheckersTest::committed),
                new Case(
                    "aborts", "aborts", "a failed block goes on", WorkloadCheckersTest::goesOn),
                new Case("ddl", "tables", "another value", value("read", " \\d+\\]", " 99999]")),
                new Case("levels", "journal", "a row gone", WorkloadCheckersTest::onGone),
                new Case("reload", "journal", "a row gone", markerGone),
                new Case(
                    "commits", "what the clients saw", "a row gone", lacksFirst("final-read"))));
    return cases.stream();
  }

  /** A marker that was acknowledged at level on. */
  private static Optional<Event<UntypedCall>> onGone(
      Event<UntypedCall> event, List<Event<UntypedCall>> before) {
    if (!(event instanceof Event.Ok) || !event.call().name().equals("final-read")) {
      return Optional.empty();
    }
    List<Edn> rest = new ArrayList<>(elements(event));
    for (Event<UntypedCall> each : before) {
      if (each instanceof Event.Ok
          && each.details().synchronousCommit().equals(Optional.of("on"))
          && each.details().marker().filter(rest::contains).isPresent()) {
        rest.remove(each.details().marker().get());
        return Optional.of(withElements(event, rest));
      }
    }
    return Optional.empty();
  }

  /** The COMMIT of a failed block is acknowledged. */
  private static Optional<Event<UntypedCall>> committed(
      Event<UntypedCall> event, List<Event<UntypedCall>> before) {
    return isBreak(event)
        ? Optional.of(
            new Event.Ok<>(
                event.index(), event.timeNanos(), event.process(), event.call(), event.details()))
        : Optional.empty();
  }

  /** A failed block takes a statement: its row ends in 0. */
  private static Optional<Event<UntypedCall>> goesOn(
      Event<UntypedCall> event, List<Event<UntypedCall>> before) {
    return isBreak(event)
        ? Optional.of(event.withCall(new UntypedCall(event.call().f(), edn("[:break [70]]"))))
        : Optional.empty();
  }

  private static boolean isBreak(Event<UntypedCall> event) {
    return event instanceof Event.Fail && text(event.call().value()).startsWith("[:break");
  }

  private static Optional<Event<UntypedCall>> fork(
      Event<UntypedCall> event, List<Event<UntypedCall>> before) {
    if (!(event instanceof Event.Ok) || event.call().value().elements().size() != 3) {
      return Optional.empty();
    }
    String text = text(event.call().value());
    List<String> keys = new ArrayList<>();
    event.call().value().elements().forEach(s -> keys.add(text(s.elements().get(1))));
    for (Event<UntypedCall> each : before) {
      String other = text(each.call().value());
      String onlyFirst =
          "[[:r %s 1] [:r %s nil] [:r %s nil]]".formatted(keys.get(0), keys.get(1), keys.get(2));
      if (each instanceof Event.Ok && other.equals(onlyFirst)) {
        return Optional.of(
            event.withCall(
                new UntypedCall(
                    event.call().f(),
                    edn(
                        "[[:r %s nil] [:r %s 1] [:r %s nil]]"
                            .formatted(keys.get(0), keys.get(1), keys.get(2))))));
      }
    }
    return text.isEmpty() ? Optional.of(event) : Optional.empty();
  }

  /** An element that was dequeued before. */
  private static Optional<Event<UntypedCall>> twice(
      Event<UntypedCall> event, List<Event<UntypedCall>> before) {
    boolean isDequeue = event instanceof Event.Ok && event.call().name().equals("dequeue");
    return !isDequeue
        ? Optional.empty()
        : before.stream()
            .filter(e -> e instanceof Event.Ok && e.call().name().equals("dequeue"))
            .filter(e -> e.call().value() instanceof Edn.Int)
            .findFirst()
            .map(e -> event.withCall(e.call()));
  }

  /** The second insert of a key is acknowledged too. */
  private static Optional<Event<UntypedCall>> both(
      Event<UntypedCall> event, List<Event<UntypedCall>> before) {
    boolean isFail = event instanceof Event.Fail && event.call().name().equals("insert");
    return isFail
        ? Optional.of(
            new Event.Ok<>(
                event.index(), event.timeNanos(), event.process(), event.call(), event.details()))
        : Optional.empty();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aCheckerSeesTheLie(Case each) throws Exception {
    AtomicReference<Workload<?>> made = new AtomicReference<>();
    boolean isSerializable = each.workload.equals("g2");
    Workloads.Entry entry = Workloads.named(each.workload).orElseThrow();
    TestPlan plan =
        TestPlan.of(
                each.workload,
                (cluster, options) -> {
                  Workload<?> workload = entry.factory().create(cluster, options);
                  made.set(
                      isSerializable
                          ? entry
                              .factory()
                              .create(
                                  cluster,
                                  options.withJdbc(
                                      options
                                          .jdbc()
                                          .withIsolation(
                                              phaistos.workloads.Isolation.SERIALIZABLE)))
                          : workload);
                  return workload;
                })
            .load(new LoadPlan(Duration.ofSeconds(3), 10, 200))
            .seed(5)
            .store(store);
    TestResult result = Harness.run(plan, Progress.NONE, Instant.EPOCH);
    assertEquals(Verdict.VALID, result.verdict(), String.join("\n", result.firstScreen()));
    List<Event<UntypedCall>> events =
        new ArrayList<>(
            HistoryReader.read(result.folder().resolve("history.edn")).clientEvents().toList());
    int place = -1;
    for (int i = 0; i < events.size() && place < 0; i++) {
      Optional<Event<UntypedCall>> lie = each.lie.of(events.get(i), events.subList(0, i));
      if (lie.isPresent()) {
        events.set(i, lie.get());
        place = i;
      }
    }
    assertTrue(place >= 0, "nothing to lie about");
    assertInstanceOf(
        Verdict.Invalid.class, verdict(made.get(), each.checker, events), events.get(place) + "");
  }

  private static <C> Verdict verdict(
      Workload<C> workload, String checker, List<Event<UntypedCall>> events) {
    History<C> history = History.of(events).map(workload.codec()::decode);
    return workload.checkers().stream()
        .filter(named -> named.name().equals(checker))
        .findFirst()
        .orElseThrow()
        .checker()
        .check(history, CheckContext.UNLIMITED)
        .verdict();
  }

  @Test
  void everyWorkloadHasALie() {
    Set<String> with = new TreeSet<>();
    cases().forEach(each -> with.add(each.workload));
    Set<String> all = new TreeSet<>();
    Workloads.all().forEach(entry -> all.add(entry.name()));
    assertEquals(all, with);
  }
}
