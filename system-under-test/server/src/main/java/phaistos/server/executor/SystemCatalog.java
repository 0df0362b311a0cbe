package phaistos.server.executor;

import java.util.Optional;
import phaistos.server.catalog.Table;

/** The system catalogs, made up from the tables that there are. */
final class SystemCatalog {
  private SystemCatalog() {}

  /** The OID of a table or an index. */
  static Optional<Integer> oidOf(String name, SessionContext session) {
    return session.tables().catalog().find(name, session.transaction()).map(Table::oid);
  }

  /** The name of a table or an index. */
  static Optional<String> nameOf(int oid, SessionContext session) {
    return session.tables().catalog().tables(session.transaction()).values().stream()
        .filter(table -> table.oid() == oid)
        .map(Table::name)
        .findFirst();
  }
}
