package phaistos.checker.linearizability.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.PersistentMap;
import phaistos.checker.linearizability.Step;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/**
 * A key-value store like etcd 3's (documentation, "etcd API" and "Data model"): ranges, guarded
 * transactions, and a revision of the whole store, which every transaction with a change raises by
 * one. A missing key has version and revisions 0. Reads see the newest revision. Leases, watches
 * and compaction are not modelled.
 */
record Etcd() implements Model<Etcd.Store, EtcdCall> {
  /** A key's value; how often it was put since it was created, and when. */
  record Entry(Edn value, long version, long createRevision, long modRevision) {}

  /**
   * @param revision 1 at the start
   */
  record Store(long revision, PersistentMap<Edn, Entry> entries) {}

  @Override
  public Store initial() {
    return new Store(1, PersistentMap.empty());
  }

  @Override
  public Step<Store> step(Store store, EtcdCall call) {
    boolean isTrue = call.guards().stream().allMatch(guard -> holds(store, guard));
    if (call.succeeded().isPresent() && call.succeeded().get() != isTrue) {
      return Step.inconsistent(
          "its guards " + (isTrue ? "hold in " : "do not hold in ") + describeState(store));
    }
    PersistentMap<Edn, Entry> entries = store.entries;
    long next = store.revision + 1;
    for (EtcdCall.Act act : isTrue ? call.then() : call.otherwise()) {
      switch (act) {
        case EtcdCall.Put(Edn key, Edn value) -> {
          Optional<Entry> old = entries.get(key);
          entries =
              entries.with(
                  key,
                  new Entry(
                      value,
                      old.map(Entry::version).orElse(0L) + 1,
                      old.map(Entry::createRevision).orElse(next),
                      next));
        }
        case EtcdCall.Delete delete -> {
          List<Edn> keys = keys(entries, delete.from(), delete.to());
          if (delete.deleted().isPresent() && delete.deleted().getAsLong() != keys.size()) {
            return Step.inconsistent("it would delete " + keys.size());
          }
          for (Edn key : keys) {
            entries = entries.without(key);
          }
        }
        case EtcdCall.Range range -> {
          List<Edn> keys = keys(entries, range.from(), range.to());
          if (range.seen().isPresent() && !isSeen(entries, keys, range.seen().get())) {
            return Step.inconsistent("can't see " + print(range) + " in " + print(entries, keys));
          }
        }
      }
    }
    boolean isChanged = entries != store.entries;
    long revision = isChanged ? next : store.revision;
    return call.revision().isPresent() && call.revision().getAsLong() != revision
        ? Step.inconsistent("its revision would be " + revision)
        : Step.next(isChanged ? new Store(revision, entries) : store);
  }

  private static boolean holds(Store store, EtcdCall.Guard guard) {
    Optional<Entry> entry = store.entries.get(guard.key());
    if (guard.target() == EtcdCall.Target.VALUE && entry.isEmpty()) {
      return false;
    }
    Edn there =
        switch (guard.target()) {
          case VALUE -> entry.get().value;
          case VERSION -> Edn.of(entry.map(Entry::version).orElse(0L));
          case CREATE_REVISION -> Edn.of(entry.map(Entry::createRevision).orElse(0L));
          case MOD_REVISION -> Edn.of(entry.map(Entry::modRevision).orElse(0L));
        };
    return switch (guard.relation()) {
      case "=" -> there.equals(guard.operand());
      case "!=" -> !there.equals(guard.operand());
      case "<" -> EdnOrder.INSTANCE.compare(there, guard.operand()) < 0;
      default -> EdnOrder.INSTANCE.compare(there, guard.operand()) > 0;
    };
  }

  /** The keys from the one up to, not including, the other, in their order; or the one. */
  private static List<Edn> keys(PersistentMap<Edn, Entry> entries, Edn from, Optional<Edn> to) {
    if (to.isEmpty()) {
      return entries.contains(from) ? List.of(from) : List.of();
    }
    List<Edn> keys = new ArrayList<>();
    entries.forEach(
        (key, _) -> {
          if (EdnOrder.INSTANCE.compare(from, key) <= 0
              && EdnOrder.INSTANCE.compare(key, to.get()) < 0) {
            keys.add(key);
          }
        });
    keys.sort(EdnOrder.INSTANCE);
    return keys;
  }

  private static boolean isSeen(
      PersistentMap<Edn, Entry> entries, List<Edn> keys, List<Edn.Table> seen) {
    if (keys.size() != seen.size()) {
      return false;
    }
    for (int i = 0; i < keys.size(); i++) {
      Entry entry = entries.get(keys.get(i)).orElseThrow();
      Edn.Table one = seen.get(i);
      if (!one.get("key").equals(keys.get(i))
          || !one.get("value").equals(entry.value)
          || !isNumber(one, "version", entry.version)
          || !isNumber(one, "create-revision", entry.createRevision)
          || !isNumber(one, "mod-revision", entry.modRevision)) {
        return false;
      }
    }
    return true;
  }

  /** A number that is not given is not compared. */
  private static boolean isNumber(Edn.Table one, String name, long number) {
    return one.get(name) instanceof Edn.Nil || one.get(name).equals(Edn.of(number));
  }

  @Override
  public boolean isObservation(EtcdCall call) {
    return call.isReadOnly();
  }

  @Override
  public String describe(EtcdCall call) {
    String acts = print(call.then());
    String guards =
        call.guards().stream()
            .map(
                g ->
                    g.target().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-')
                        + " of "
                        + EdnWriter.print(g.key())
                        + " "
                        + g.relation()
                        + " "
                        + EdnWriter.print(g.operand()))
            .collect(Collectors.joining(" and "));
    return (guards.isEmpty() ? acts : "if " + guards + " then " + acts)
        + (call.otherwise().isEmpty() ? "" : " else " + print(call.otherwise()))
        + call.succeeded().map(is -> is ? ", succeeded" : ", failed").orElse("")
        + (call.revision().isPresent() ? ", revision " + call.revision().getAsLong() : "");
  }

  private static String print(List<EtcdCall.Act> acts) {
    return acts.stream().map(Etcd::print).collect(Collectors.joining(", "));
  }

  private static String print(EtcdCall.Act act) {
    return switch (act) {
      case EtcdCall.Put put ->
          "put " + EdnWriter.print(put.key()) + "=" + EdnWriter.print(put.value());
      case EtcdCall.Range range ->
          (range.to().isEmpty() ? "get " : "range ")
              + span(range.from(), range.to())
              + range.seen().map(s -> " " + s.stream().map(EdnWriter::print).toList()).orElse(" ?");
      case EtcdCall.Delete delete ->
          "delete "
              + span(delete.from(), delete.to())
              + (delete.deleted().isPresent() ? " (" + delete.deleted().getAsLong() + ")" : "");
    };
  }

  private static String span(Edn from, Optional<Edn> to) {
    return EdnWriter.print(from) + to.map(t -> " to " + EdnWriter.print(t)).orElse("");
  }

  private static String print(PersistentMap<Edn, Entry> entries, List<Edn> keys) {
    return keys.stream()
        .map(key -> EdnWriter.print(key) + "=" + entries.get(key).map(Etcd::print).orElse("?"))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String print(Entry entry) {
    return EdnWriter.print(entry.value)
        + " (version "
        + entry.version
        + ", created at "
        + entry.createRevision
        + ", modified at "
        + entry.modRevision
        + ")";
  }

  @Override
  public String describeState(Store store) {
    List<Edn> keys = new ArrayList<>();
    store.entries.forEach((key, _) -> keys.add(key));
    keys.sort(EdnOrder.INSTANCE);
    return "revision " + store.revision + " " + print(store.entries, keys);
  }
}
