package phaistos.formats.record;

import java.util.EnumMap;
import java.util.Map;
import phaistos.formats.ByteReader;
import phaistos.formats.Text;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalRecord;

/**
 * The words of a version's pg_waldump for records (its rmgrdesc folder).
 *
 * @param tablespaceVersion the name of the version's folder in a tablespace
 * @param heap of tables' records
 * @param tellsOriginOfAborts and of prepared transactions; and that a client waits for remote_apply
 * @param tellsRunningSubxids a list of running transactions names subtransactions
 * @param tellsMessages a logical message is printed in full
 * @param others of the records that are not decoded
 */
record Wording(
    String tablespaceVersion,
    HeapWords heap,
    boolean tellsOriginOfAborts,
    boolean tellsRunningSubxids,
    boolean tellsMessages,
    boolean pruneOfFourteen,
    Map<Rmgr, Description> others) {
  /** Appends the description of a record with this info and main data. */
  interface Description {
    void append(Text out, int info, ByteReader in, WalRecord record);
  }

  static Wording of(int major, String tablespaceVersion, RecordFormat.Layout layout) {
    HeapWords heap = major < 16 ? HeapWords.BEFORE_16 : HeapWords.SINCE_16;
    return new Wording(
        tablespaceVersion,
        heap,
        major >= 15,
        major >= 16,
        major >= 14,
        layout.pruneOfFourteen(),
        others(major, layout.longPageNumbers()));
  }

  private static Map<Rmgr, Description> others(int major, boolean longPageNumbers) {
    // from 17 on, what removes index entries says whether the table is a catalog
    boolean catalog = major >= 17;
    Map<Rmgr, Description> all = new EnumMap<>(Rmgr.class);
    all.put(
        Rmgr.DATABASE,
        major < 15 ? OtherDescriptions::databaseBefore15 : OtherDescriptions::database);
    all.put(Rmgr.TABLESPACE, OtherDescriptions::tablespace);
    all.put(
        Rmgr.MULTIXACT,
        (out, info, in, _) -> OtherDescriptions.multixact(out, info, in, longPageNumbers));
    all.put(Rmgr.RELMAP, OtherDescriptions::relationMap);
    all.put(
        Rmgr.COMMIT_TS,
        (out, info, in, _) -> OtherDescriptions.commitTime(out, info, in, longPageNumbers));
    all.put(Rmgr.REPLICATION_ORIGIN, OtherDescriptions::origin);
    all.put(Rmgr.GENERIC, (_, _, _, _) -> {});
    all.put(Rmgr.HEAP, HeapDescriptions::inplace);
    all.put(
        Rmgr.HEAP2,
        major < 14
            ? HeapDescriptions::cleanBefore14
            : major < 17 ? HeapDescriptions::pruneOf16 : HeapDescriptions::prune);
    all.put(
        Rmgr.BTREE,
        major < 14
            ? BtreeDescriptions::before14
            : major < 16
                ? BtreeDescriptions::before16
                : (out, info, in, record) ->
                    BtreeDescriptions.since16(out, info, in, record, catalog));
    all.put(
        Rmgr.HASH,
        major < 16
            ? (out, info, in, _) ->
                IndexDescriptions.hashBefore16(
                    out, info, in, major < 14 ? "latest removed xid " : "latestRemovedXid ")
            : (out, info, in, _) -> IndexDescriptions.hash(out, info, in, catalog));
    all.put(Rmgr.GIN, IndexDescriptions::gin);
    all.put(
        Rmgr.GIST,
        major < 16
            ? IndexDescriptions::gistBefore16
            : (out, info, in, _) -> IndexDescriptions.gist(out, info, in, catalog));
    all.put(
        Rmgr.SPGIST,
        major < 14
            ? SpgistDescriptions::before14
            : major < 16
                ? SpgistDescriptions::before16
                : (out, info, in, record) ->
                    SpgistDescriptions.since16(out, info, in, record, catalog));
    all.put(Rmgr.BRIN, IndexDescriptions::brin);
    return all;
  }
}
