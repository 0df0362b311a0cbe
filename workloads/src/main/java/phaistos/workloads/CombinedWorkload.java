package phaistos.workloads;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.checker.durability.MarkerColumn;
import phaistos.cluster.Cluster;
import phaistos.histories.Codec;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;
import phaistos.workloads.catalogue.Reload;

/**
 * Several workloads at once. Each has its share of the rate, its own tables and its own sessions.
 * In the history its functions bear its name: {@code :bank/transfer}. Its checkers see its own
 * events only.
 */
public final class CombinedWorkload {
  private CombinedWorkload() {}

  /** One of the workloads, with its calls as the history has them without the name. */
  private record Part<C>(String name, Workload<C> workload) {
    boolean isOwn(UntypedCall call) {
      String given = call.name();
      return given.length() > name.length()
          && given.charAt(name.length()) == '/'
          && given.startsWith(name);
    }

    UntypedCall named(UntypedCall call) {
      return new UntypedCall(Edn.keyword(name + "/" + call.name()), call.value());
    }

    UntypedCall plain(UntypedCall call) {
      return new UntypedCall(Edn.keyword(call.name().substring(name.length() + 1)), call.value());
    }

    Generator<UntypedCall> own(Generator<C> generator) {
      return new Own<>(this, Generators.encoded(workload.codec(), generator));
    }

    List<Workload.Named<UntypedCall>> checkers() {
      List<Workload.Named<UntypedCall>> own = new ArrayList<>();
      OwnHistory<C> part = new OwnHistory<>(this);
      for (Workload.Named<C> checker : workload.checkers()) {
        own.add(
            new Workload.Named<>(
                name + ": " + checker.name(),
                (history, context) -> checker.checker().check(part.of(history), context)));
      }
      return own;
    }

    private History<C> history(History<UntypedCall> whole) {
      List<Event<UntypedCall>> events =
          whole.events().stream()
              .filter(event -> isOwn(event.call()))
              .map(event -> event.withCall(plain(event.call())))
              .toList();
      return History.of(events).map(workload.codec()::decode);
    }

    Client.Session<UntypedCall> open(int thread, Process.Client process) throws Exception {
      Client.Session<C> session = workload.client().open(thread, process);
      return new Client.Session<>() {
        @Override
        public Completion<UntypedCall> invoke(Event.Invoke<UntypedCall> invocation)
            throws Exception {
          C call = workload.codec().decode(plain(invocation.call()));
          Completion<C> end =
              session.invoke(
                  new Event.Invoke<>(
                      invocation.index(),
                      invocation.timeNanos(),
                      invocation.process(),
                      call,
                      invocation.details()));
          UntypedCall done = named(workload.codec().encode(end.call()));
          return switch (end) {
            case Completion.Ok<C> _ -> new Completion.Ok<>(done, end.details());
            case Completion.Fail<C> _ -> new Completion.Fail<>(done, end.details());
            case Completion.Info<C> _ -> new Completion.Info<>(done, end.details());
          };
        }

        @Override
        public void close() throws Exception {
          session.close();
        }
      };
    }
  }

  /** The part's share of the history that was asked for last: its checkers ask for one. */
  private static final class OwnHistory<C> {
    private final Part<C> part;
    private History<UntypedCall> whole;
    private History<C> own;

    OwnHistory(Part<C> part) {
      this.part = part;
    }

    History<C> of(History<UntypedCall> history) {
      if (whole != history) {
        own = part.history(history);
        whole = history;
      }
      return own;
    }
  }

  /** A part's generator: what it says bears the part's name, and it hears of its own calls only. */
  private record Own<C>(Part<C> part, Generator<UntypedCall> inner)
      implements Generator<UntypedCall> {
    @Override
    public Step<UntypedCall> next(Context context) {
      return switch (inner.next(context)) {
        case Step.Emit<UntypedCall> emit ->
            new Step.Emit<>(emit.act().map(part::named), new Own<>(part, emit.rest()));
        case Step.Pending<UntypedCall> pending ->
            new Step.Pending<>(pending.untilNanos(), new Own<>(part, pending.rest()));
        case Step.Exhausted<UntypedCall> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<UntypedCall> update(Context context, Event<UntypedCall> event) {
      return part.isOwn(event.call())
          ? new Own<>(part, inner.update(context, event.withCall(part.plain(event.call()))))
          : this;
    }
  }

  /** The client of all parts; a session of a part is opened at the first call for it. */
  private record Clients(List<Part<?>> parts) implements Client<UntypedCall> {
    @Override
    public void setup() throws Exception {
      for (Part<?> part : parts) {
        part.workload.client().setup();
      }
    }

    @Override
    public Session<UntypedCall> open(int thread, Process.Client process) {
      Map<String, Session<UntypedCall>> sessions = new LinkedHashMap<>();
      return new Session<>() {
        @Override
        public Completion<UntypedCall> invoke(Event.Invoke<UntypedCall> invocation)
            throws Exception {
          Part<?> part =
              parts.stream()
                  .filter(each -> each.isOwn(invocation.call()))
                  .findFirst()
                  .orElseThrow(
                      () ->
                          new IllegalArgumentException(
                              "no workload has " + invocation.call().name()));
          Session<UntypedCall> session = sessions.get(part.name);
          if (session == null) {
            session = part.open(thread, process);
            sessions.put(part.name, session);
          }
          return session.invoke(invocation);
        }

        @Override
        public void close() throws Exception {
          for (Session<UntypedCall> session : sessions.values()) {
            session.close();
          }
        }
      };
    }

    @Override
    public void teardown() throws Exception {
      for (Part<?> part : parts) {
        part.workload.client().teardown();
      }
    }
  }

  /** All of them at once, each with an equal share of the rate and draws of its own. */
  static WorkloadFactory of(List<Workloads.Entry> entries) {
    return (cluster, options) -> combine(entries, cluster, options);
  }

  private static Workload<UntypedCall> combine(
      List<Workloads.Entry> entries, Cluster cluster, WorkloadOptions options) {
    List<Part<?>> parts = new ArrayList<>();
    boolean hasReload = entries.stream().anyMatch(entry -> entry.name().equals(Reload.NAME));
    WorkloadOptions all =
        hasReload ? options.withJdbc(options.jdbc().withOwedTo(Reload.weakest(cluster))) : options;
    for (Workloads.Entry entry : entries) {
      WorkloadOptions own =
          all.withRate(options.rate() / entries.size())
              .withSeed(options.seed().child(entry.name()));
      parts.add(new Part<>(entry.name(), entry.factory().create(cluster, own)));
    }
    List<Generator<UntypedCall>> loads = new ArrayList<>();
    List<Generator<UntypedCall>> finals = new ArrayList<>();
    List<Workload.Named<UntypedCall>> checkers = new ArrayList<>();
    for (Part<?> part : parts) {
      loads.add(load(part));
      finals.add(last(part));
      checkers.addAll(part.checkers());
    }
    checkers.replaceAll(CombinedWorkload::naming);
    return new Workload<>(
        String.join(",", entries.stream().map(Workloads.Entry::name).toList()),
        new Clients(parts),
        Codec.untyped(),
        Generators.any(loads),
        Generators.phases(finals),
        checkers,
        audit(parts),
        parts.stream()
            .flatMap(part -> part.workload.goals().stream().map(goal -> goal.within(part.name)))
            .toList(),
        String.join("; ", parts.stream().map(part -> part.workload.claim()).toList()));
  }

  private static <C> Generator<UntypedCall> load(Part<C> part) {
    return part.own(part.workload.generator());
  }

  private static <C> Generator<UntypedCall> last(Part<C> part) {
    return part.own(part.workload.finalGenerator());
  }

  /** A verdict that names the part. */
  private static Workload.Named<UntypedCall> naming(Workload.Named<UntypedCall> checker) {
    record Answer(Verdict verdict, Result inner) implements Result {}
    String name = checker.name();
    return new Workload.Named<>(
        name,
        (history, context) -> {
          Result result = checker.checker().check(history, context);
          Verdict verdict =
              switch (result.verdict()) {
                case Verdict.Valid valid -> valid;
                case Verdict.Unknown(String cause) -> new Verdict.Unknown(name + ": " + cause);
                case Verdict.Invalid(String proof) -> new Verdict.Invalid(name + ": " + proof);
              };
          return new Answer(verdict, result);
        });
  }

  private static AuditNeeds audit(List<Part<?>> parts) {
    List<String> finalReads = new ArrayList<>();
    List<String> without = new ArrayList<>();
    MarkerColumn column = MarkerColumn.FIRST;
    Optional<AuditNeeds.Markers> any = Optional.empty();
    for (Part<?> part : parts) {
      switch (part.workload.audit()) {
        case AuditNeeds.Markers markers -> {
          any = Optional.of(markers);
          column = markers.column() == MarkerColumn.ANY ? MarkerColumn.ANY : column;
          markers.finalReads().forEach(read -> finalReads.add(part.name + "/" + read));
        }
        case AuditNeeds.Nothing(String why) -> without.add(part.name + ": " + why);
      }
    }
    return any.isPresent()
        ? new AuditNeeds.Markers(column, finalReads)
        : new AuditNeeds.Nothing(String.join("; ", without));
  }
}
