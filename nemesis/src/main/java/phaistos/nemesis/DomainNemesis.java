package phaistos.nemesis;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;

/**
 * The faults of one domain. The function that begins a fault is the name of its kind. The kind also
 * names the function that ends it. With a handle this ends one fault; without one it ends every
 * open fault of its kinds.
 */
final class DomainNemesis implements Nemesis {
  private final Faults.Domain domain;
  private final Cluster cluster;
  private final Operator operator;
  private final FaultsUnderWay faults;
  private final TriggerWatch watch;

  DomainNemesis(
      Faults.Domain domain,
      Cluster cluster,
      Operator operator,
      FaultsUnderWay faults,
      TriggerWatch watch) {
    this.domain = domain;
    this.cluster = cluster;
    this.operator = operator;
    this.faults = faults;
    this.watch = watch;
  }

  @Override
  public Set<String> functions() {
    Set<String> functions = new TreeSet<>();
    for (FaultKind kind : domain.kinds()) {
      functions.add(kind.name());
      kind.end().ifPresent(functions::add);
    }
    return functions;
  }

  @Override
  public void setup() {
    endAll();
  }

  @Override
  public void teardown() {
    endAll();
  }

  private void endAll() {
    for (FaultKind kind : domain.kinds()) {
      kind.end().ifPresent(end -> faults.endedBy(end).forEach(faults::end));
    }
  }

  @Override
  public UntypedCall invoke(UntypedCall call) {
    Edn.Table value = call.value() instanceof Edn.Table table ? table : Edn.Table.EMPTY;
    Optional<Handle> handle = EdnValues.optionalText(value, "handle").map(Handle::new);
    Optional<FaultKind> begun =
        domain.kinds().stream().filter(kind -> kind.name().equals(call.name())).findFirst();
    EdnTable answer =
        begun.isPresent()
            ? begin(begun.get().read(value), handle.orElseGet(faults::fresh))
            : end(call.name(), handle);
    return new UntypedCall(call.f(), answer.build());
  }

  private EdnTable begin(Fault fault, Handle handle) {
    if (faults.isKnown(handle)) {
      throw new IllegalArgumentException("a fault of this handle is under way: " + handle);
    }
    watch.begins(handle);
    Fault.UnderWay underWay =
        fault.begin(new Fault.Site(cluster, operator.state(), operator, handle));
    faults.add(handle, fault.kind(), underWay);
    if (fault.kind().end().isPresent()) {
      operator.state().open.add(handle);
    }
    EdnTable answer = new EdnTable().put("handle", handle.name()).putAll(underWay.began());
    Edn.Vector effects = faults.effects();
    return effects.items().isEmpty() ? answer : answer.put("effects", effects);
  }

  private EdnTable end(String function, Optional<Handle> handle) {
    List<Handle> ended = handle.map(List::of).orElseGet(() -> faults.endedBy(function));
    EdnTable answer = new EdnTable().put("handle", handle.map(Handle::name));
    for (Handle each : ended) {
      operator.state().open.remove(each);
      if (!faults.end(each)) {
        answer.put("open", false);
      }
    }
    answer.put("effects", faults.effects());
    if (!operator.state().notReady().isEmpty()) {
      answer.put("not-ready", FaultsUnderWay.problems(operator.state().notReady()));
    }
    return answer;
  }
}
