package phaistos.formats.record;

import java.util.Map;
import phaistos.formats.wal.Rmgr;

/** The names that a version's pg_waldump gives to the kinds of records. */
public final class RecordNames {
  private static final int KINDS = 16;
  private static final String[] UNKNOWN = new String[KINDS];

  static {
    for (int kind = 0; kind < KINDS; kind++) {
      UNKNOWN[kind] = "UNKNOWN (" + Integer.toHexString(kind << 4) + ")";
    }
  }

  static final RecordNames OF_15 = new RecordNames();

  static final RecordNames OF_14 =
      OF_15.with(Rmgr.DATABASE, 0xF0, Map.of(0x00, "CREATE", 0x10, "DROP"));

  static final RecordNames OF_13 =
      OF_14
          .without(Rmgr.TRANSACTION, 0x60)
          .without(Rmgr.TRANSACTION, 0xE0)
          .with(Rmgr.HEAP2, 0x10, "CLEAN")
          .with(Rmgr.HEAP2, 0x20, "FREEZE_PAGE")
          .with(Rmgr.HEAP2, 0x30, "CLEANUP_INFO")
          .with(Rmgr.COMMIT_TS, 0x20, "SETTS");

  static final RecordNames OF_17 =
      OF_15
          .with(Rmgr.XLOG, 0xE0, "CHECKPOINT_REDO")
          .with(Rmgr.HEAP2, 0x10, "PRUNE_ON_ACCESS")
          .with(Rmgr.HEAP2, 0x20, "PRUNE_VACUUM_SCAN")
          .with(Rmgr.HEAP2, 0x30, "PRUNE_VACUUM_CLEANUP");

  private final String[][] names = new String[Rmgr.values().length][];

  private RecordNames() {
    putTransactions();
    putTables();
    putTrees();
    putOtherIndexes();
  }

  private void putTransactions() {
    put(
        Rmgr.XLOG,
        0xF0,
        Map.ofEntries(
            Map.entry(0x00, "CHECKPOINT_SHUTDOWN"),
            Map.entry(0x10, "CHECKPOINT_ONLINE"),
            Map.entry(0x20, "NOOP"),
            Map.entry(0x30, "NEXTOID"),
            Map.entry(0x40, "SWITCH"),
            Map.entry(0x50, "BACKUP_END"),
            Map.entry(0x60, "PARAMETER_CHANGE"),
            Map.entry(0x70, "RESTORE_POINT"),
            Map.entry(0x80, "FPW_CHANGE"),
            Map.entry(0x90, "END_OF_RECOVERY"),
            Map.entry(0xA0, "FPI_FOR_HINT"),
            Map.entry(0xB0, "FPI"),
            Map.entry(0xD0, "OVERWRITE_CONTRECORD")));
    put(
        Rmgr.TRANSACTION,
        0x70,
        Map.of(
            0x00, "COMMIT",
            0x10, "PREPARE",
            0x20, "ABORT",
            0x30, "COMMIT_PREPARED",
            0x40, "ABORT_PREPARED",
            0x50, "ASSIGNMENT",
            0x60, "INVALIDATION"));
    put(Rmgr.STORAGE, 0xF0, Map.of(0x10, "CREATE", 0x20, "TRUNCATE"));
    put(Rmgr.CLOG, 0xF0, Map.of(0x00, "ZEROPAGE", 0x10, "TRUNCATE"));
    put(
        Rmgr.DATABASE,
        0xF0,
        Map.of(0x00, "CREATE_FILE_COPY", 0x10, "CREATE_WAL_LOG", 0x20, "DROP"));
    put(Rmgr.TABLESPACE, 0xF0, Map.of(0x00, "CREATE", 0x10, "DROP"));
    put(
        Rmgr.MULTIXACT,
        0xF0,
        Map.of(
            0x00, "ZERO_OFF_PAGE", 0x10, "ZERO_MEM_PAGE", 0x20, "CREATE_ID", 0x30, "TRUNCATE_ID"));
    put(Rmgr.RELMAP, 0xF0, Map.of(0x00, "UPDATE"));
    put(Rmgr.COMMIT_TS, 0xF0, Map.of(0x00, "ZEROPAGE", 0x10, "TRUNCATE"));
    put(Rmgr.REPLICATION_ORIGIN, 0xF0, Map.of(0x00, "SET", 0x10, "DROP"));
    put(Rmgr.GENERIC, 0xF0, Map.of(0x00, "Generic"));
    put(Rmgr.LOGICAL_MESSAGE, 0xF0, Map.of(0x00, "MESSAGE"));
  }

  private void putTables() {
    put(Rmgr.SEQUENCE, 0xF0, Map.of(0x00, "LOG"));
    put(Rmgr.STANDBY, 0xF0, Map.of(0x00, "LOCK", 0x10, "RUNNING_XACTS", 0x20, "INVALIDATIONS"));
    put(
        Rmgr.HEAP2,
        0xF0,
        Map.of(
            0x00, "REWRITE",
            0x10, "PRUNE",
            0x20, "VACUUM",
            0x30, "FREEZE_PAGE",
            0x40, "VISIBLE",
            0x50, "MULTI_INSERT",
            0xD0, "MULTI_INSERT+INIT",
            0x60, "LOCK_UPDATED",
            0x70, "NEW_CID"));
    put(
        Rmgr.HEAP,
        0xF0,
        Map.ofEntries(
            Map.entry(0x00, "INSERT"),
            Map.entry(0x80, "INSERT+INIT"),
            Map.entry(0x10, "DELETE"),
            Map.entry(0x20, "UPDATE"),
            Map.entry(0xA0, "UPDATE+INIT"),
            Map.entry(0x40, "HOT_UPDATE"),
            Map.entry(0xC0, "HOT_UPDATE+INIT"),
            Map.entry(0x30, "TRUNCATE"),
            Map.entry(0x50, "HEAP_CONFIRM"),
            Map.entry(0x60, "LOCK"),
            Map.entry(0x70, "INPLACE")));
  }

  private void putTrees() {
    put(
        Rmgr.BTREE,
        0xF0,
        Map.ofEntries(
            Map.entry(0x00, "INSERT_LEAF"),
            Map.entry(0x10, "INSERT_UPPER"),
            Map.entry(0x20, "INSERT_META"),
            Map.entry(0x30, "SPLIT_L"),
            Map.entry(0x40, "SPLIT_R"),
            Map.entry(0x50, "INSERT_POST"),
            Map.entry(0x60, "DEDUP"),
            Map.entry(0x70, "DELETE"),
            Map.entry(0x80, "UNLINK_PAGE"),
            Map.entry(0x90, "UNLINK_PAGE_META"),
            Map.entry(0xA0, "NEWROOT"),
            Map.entry(0xB0, "MARK_PAGE_HALFDEAD"),
            Map.entry(0xC0, "VACUUM"),
            Map.entry(0xD0, "REUSE_PAGE"),
            Map.entry(0xE0, "META_CLEANUP")));
  }

  private void putOtherIndexes() {
    put(
        Rmgr.HASH,
        0xF0,
        Map.ofEntries(
            Map.entry(0x00, "INIT_META_PAGE"),
            Map.entry(0x10, "INIT_BITMAP_PAGE"),
            Map.entry(0x20, "INSERT"),
            Map.entry(0x30, "ADD_OVFL_PAGE"),
            Map.entry(0x40, "SPLIT_ALLOCATE_PAGE"),
            Map.entry(0x50, "SPLIT_PAGE"),
            Map.entry(0x60, "SPLIT_COMPLETE"),
            Map.entry(0x70, "MOVE_PAGE_CONTENTS"),
            Map.entry(0x80, "SQUEEZE_PAGE"),
            Map.entry(0x90, "DELETE"),
            Map.entry(0xA0, "SPLIT_CLEANUP"),
            Map.entry(0xB0, "UPDATE_META_PAGE"),
            Map.entry(0xC0, "VACUUM_ONE_PAGE")));
    put(
        Rmgr.GIN,
        0xF0,
        Map.of(
            0x10, "CREATE_PTREE",
            0x20, "INSERT",
            0x30, "SPLIT",
            0x40, "VACUUM_PAGE",
            0x90, "VACUUM_DATA_LEAF_PAGE",
            0x50, "DELETE_PAGE",
            0x60, "UPDATE_META_PAGE",
            0x70, "INSERT_LISTPAGE",
            0x80, "DELETE_LISTPAGE"));
    put(
        Rmgr.GIST,
        0xF0,
        Map.of(
            0x00, "PAGE_UPDATE",
            0x10, "DELETE",
            0x20, "PAGE_REUSE",
            0x30, "PAGE_SPLIT",
            0x60, "PAGE_DELETE",
            0x70, "ASSIGN_LSN"));
    put(
        Rmgr.SPGIST,
        0xF0,
        Map.of(
            0x10, "ADD_LEAF",
            0x20, "MOVE_LEAFS",
            0x30, "ADD_NODE",
            0x40, "SPLIT_TUPLE",
            0x50, "PICKSPLIT",
            0x60, "VACUUM_LEAF",
            0x70, "VACUUM_ROOT",
            0x80, "VACUUM_REDIRECT"));
    put(
        Rmgr.BRIN,
        0xF0,
        Map.of(
            0x00, "CREATE_INDEX",
            0x10, "INSERT",
            0x90, "INSERT+INIT",
            0x20, "UPDATE",
            0xA0, "UPDATE+INIT",
            0x30, "SAMEPAGE_UPDATE",
            0x40, "REVMAP_EXTEND",
            0x50, "DESUMMARIZE"));
  }

  private RecordNames(RecordNames other) {
    for (int id = 0; id < names.length; id++) {
      names[id] = other.names[id].clone();
    }
  }

  private void put(Rmgr rmgr, int infoMask, Map<Integer, String> of) {
    names[rmgr.id()] = new String[KINDS];
    for (int kind = 0; kind < KINDS; kind++) {
      names[rmgr.id()][kind] = of.getOrDefault(kind << 4 & infoMask, UNKNOWN[kind]);
    }
  }

  private RecordNames with(Rmgr rmgr, int infoMask, Map<Integer, String> of) {
    RecordNames changed = new RecordNames(this);
    changed.put(rmgr, infoMask, of);
    return changed;
  }

  private RecordNames with(Rmgr rmgr, int info, String name) {
    RecordNames changed = new RecordNames(this);
    changed.names[rmgr.id()][info >> 4] = name;
    return changed;
  }

  private RecordNames without(Rmgr rmgr, int info) {
    return with(rmgr, info, UNKNOWN[info >> 4]);
  }

  /** The name; {@code info} with or without the low four bits. */
  String name(int rmgrId, int info) {
    int kind = info >> 4 & 15;
    return Rmgr.isBuiltIn(rmgrId) ? names[rmgrId][kind] : UNKNOWN[kind];
  }
}
