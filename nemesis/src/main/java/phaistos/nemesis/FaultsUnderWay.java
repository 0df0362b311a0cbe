package phaistos.nemesis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.Edn;

/**
 * The faults of a run that have begun, by their handles, shared by the nemeses of all domains. A
 * fault that has ended stays here until its effect is known. Not thread-safe: for the nemesis'
 * task.
 */
final class FaultsUnderWay {
  private record Begun(FaultKind kind, Fault.UnderWay fault) {}

  private final LinkedHashMap<Handle, Begun> open = new LinkedHashMap<>();
  private final LinkedHashMap<Handle, Begun> unmeasured = new LinkedHashMap<>();
  private int begun;

  /** A new handle for a fault without one. */
  Handle fresh() {
    Handle handle;
    do {
      handle = new Handle("f" + ++begun);
    } while (isKnown(handle));
    return handle;
  }

  /** Whether a fault of this handle is open, or its effect is not yet known. */
  boolean isKnown(Handle handle) {
    return open.containsKey(handle) || unmeasured.containsKey(handle);
  }

  void add(Handle handle, FaultKind kind, Fault.UnderWay fault) {
    Begun added = new Begun(kind, fault);
    if (kind.end().isPresent()) {
      open.put(handle, added);
    } else {
      unmeasured.put(handle, added);
    }
  }

  /** The open faults that this function ends. */
  List<Handle> endedBy(String function) {
    List<Handle> handles = new ArrayList<>();
    open.forEach(
        (handle, each) -> {
          if (each.kind.end().equals(Optional.of(function))) {
            handles.add(handle);
          }
        });
    return handles;
  }

  /** Ends a fault; false if none of this handle is open. */
  boolean end(Handle handle) {
    Begun ended = open.remove(handle);
    if (ended == null) {
      return false;
    }
    unmeasured.put(handle, ended);
    ended.fault.end();
    return true;
  }

  /** Ends every open fault. First all let go: a node that comes back may wait for any of them. */
  void endAll() {
    open.values().forEach(each -> each.fault.letGo());
    List.copyOf(open.keySet()).forEach(this::end);
  }

  /** The effects that are known by now of faults that have ended, each reported once. */
  Edn.Vector effects() {
    List<Edn> effects = new ArrayList<>();
    for (Map.Entry<Handle, Begun> entry : new ArrayList<>(unmeasured.entrySet())) {
      entry
          .getValue()
          .fault
          .effect()
          .ifPresent(
              effect -> {
                unmeasured.remove(entry.getKey());
                effects.add(table(entry.getKey(), entry.getValue().kind, effect));
              });
    }
    return new Edn.Vector(effects);
  }

  /**
   * The effects still to be reported at the end of a run. An effect that could not be measured
   * counts as none.
   */
  Edn.Vector lastEffects() {
    List<Edn> effects = new ArrayList<>(effects().items());
    unmeasured.forEach(
        (handle, each) ->
            effects.add(
                table(
                    handle,
                    each.kind,
                    new Fault.Effect(false, new EdnTable().put("measured", false)))));
    unmeasured.clear();
    return new Edn.Vector(effects);
  }

  private static Edn table(Handle handle, FaultKind kind, Fault.Effect effect) {
    return new EdnTable()
        .put("fault", Edn.keyword(kind.name()))
        .put("handle", handle.name())
        .put("effective", effect.effective())
        .putAll(effect.measured())
        .build();
  }

  static Edn problems(Map<NodeId, String> notReady) {
    EdnTable table = new EdnTable();
    notReady.forEach((node, why) -> table.put(node.name(), why));
    return table.build();
  }
}
