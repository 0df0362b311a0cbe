package phaistos.workloads.journal;

import java.util.LinkedHashMap;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;

/** {@code :standby-read {:node "n2" :values [...]}}: a read of everything on one standby. */
public final class StandbyRead {
  private StandbyRead() {}

  static UntypedCall of(NodeId node) {
    return call(node, Edn.vector());
  }

  static UntypedCall call(NodeId node, Edn values) {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    table.put(Edn.keyword("node"), Edn.of(node.name()));
    table.put(Edn.keyword("values"), values);
    return new UntypedCall(Edn.keyword(Journal.STANDBY_READ), new Edn.Table(table));
  }

  static String node(UntypedCall call) {
    if (call.value() instanceof Edn.Table table && table.get("node") instanceof Edn.Text node) {
      return node.value();
    }
    throw new IllegalArgumentException("standby-read: expected {:node ... :values ...}");
  }

  static Edn values(UntypedCall call) {
    return call.value() instanceof Edn.Table table ? table.get("values") : Edn.NIL;
  }
}
