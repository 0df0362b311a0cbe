package phaistos.nemesis;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.Edn;

/** Builds a table with keywords, in the order given. Not thread-safe. */
public final class EdnTable {
  private final LinkedHashMap<Edn, Edn> entries = new LinkedHashMap<>();

  public EdnTable put(String name, Edn value) {
    entries.put(Edn.keyword(name), value);
    return this;
  }

  public EdnTable put(String name, long value) {
    return put(name, Edn.of(value));
  }

  public EdnTable put(String name, String value) {
    return put(name, Edn.of(value));
  }

  public EdnTable put(String name, boolean value) {
    return put(name, value ? Edn.TRUE : Edn.FALSE);
  }

  public EdnTable put(String name, List<NodeId> nodes) {
    return put(name, new Edn.Vector(nodes.stream().map(n -> Edn.of(n.name())).toList()));
  }

  /** Adds nothing if the value is empty. */
  public EdnTable put(String name, Optional<String> value) {
    value.ifPresent(text -> put(name, text));
    return this;
  }

  /** Adds every entry of another table, and replaces entries of the same name. */
  public EdnTable putAll(Edn.Table other) {
    entries.putAll(other.entries());
    return this;
  }

  public EdnTable putAll(EdnTable other) {
    entries.putAll(other.entries);
    return this;
  }

  public Edn.Table build() {
    return new Edn.Table(new LinkedHashMap<>(entries));
  }
}
