package phaistos.server.catalog;

import phaistos.formats.Xid;

/**
 * What VACUUM has found out about a table (columns of pg_class).
 *
 * @param frozenXid no row has an id before it that is not frozen (relfrozenxid)
 * @param pages of its file (relpages)
 * @param tuples live rows, -1 if it was never vacuumed (reltuples)
 */
public record RelationStats(Xid frozenXid, int pages, double tuples) {
  static RelationStats ofNew(Xid frozenXid) {
    return new RelationStats(frozenXid, 0, -1);
  }
}
