package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;
import phaistos.workloads.journal.Sql;

/** Builds and reads the calls of the workloads here, in Jepsen's forms. */
final class Calls {
  private Calls() {}

  static UntypedCall of(String f, Edn value) {
    return new UntypedCall(Edn.keyword(f), value);
  }

  /** The same call with a result. */
  static UntypedCall with(UntypedCall call, Edn value) {
    return new UntypedCall(call.f(), value);
  }

  /** {@code [key value]}. */
  static Edn pair(Edn key, Edn value) {
    return Edn.vector(key, value);
  }

  static Edn key(UntypedCall call) {
    return call.value().elements().get(0);
  }

  static Edn value(UntypedCall call) {
    return call.value().elements().get(1);
  }

  /** The call {@code [key nil]} with a query's column of the rows of that key. */
  static UntypedCall column(Sql sql, String query, UntypedCall call) throws SQLException {
    return with(call, pair(key(call), vector(sql.column(query, key(call)))));
  }

  static Edn vector(List<Edn> items) {
    return new Edn.Vector(items);
  }

  /** A map with keywords as keys: name, value, name, value. */
  static Edn table(String name, Edn value, Object... more) {
    LinkedHashMap<Edn, Edn> entries = new LinkedHashMap<>();
    entries.put(Edn.keyword(name), value);
    for (int i = 0; i < more.length; i += 2) {
      entries.put(Edn.keyword((String) more[i]), (Edn) more[i + 1]);
    }
    return new Edn.Table(entries);
  }

  static long integer(Edn value) {
    if (value instanceof Edn.Int(long number)) {
      return number;
    }
    throw new IllegalArgumentException("expected an integer: " + value);
  }
}
