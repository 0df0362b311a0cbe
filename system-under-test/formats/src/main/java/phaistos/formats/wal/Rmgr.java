package phaistos.formats.wal;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * PostgreSQL 15's resource managers in the order of their numbers (access/rmgrlist.h), with the
 * names that pg_waldump gives their records.
 */
public enum Rmgr {
  XLOG(
      "XLOG",
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
          Map.entry(0xD0, "OVERWRITE_CONTRECORD"))),
  TRANSACTION(
      "Transaction",
      0x70,
      Map.of(
          0x00, "COMMIT",
          0x10, "PREPARE",
          0x20, "ABORT",
          0x30, "COMMIT_PREPARED",
          0x40, "ABORT_PREPARED",
          0x50, "ASSIGNMENT",
          0x60, "INVALIDATION")),
  STORAGE("Storage", 0xF0, Map.of(0x10, "CREATE", 0x20, "TRUNCATE")),
  CLOG("CLOG", 0xF0, Map.of(0x00, "ZEROPAGE", 0x10, "TRUNCATE")),
  DATABASE(
      "Database", 0xF0, Map.of(0x00, "CREATE_FILE_COPY", 0x10, "CREATE_WAL_LOG", 0x20, "DROP")),
  TABLESPACE("Tablespace", 0xF0, Map.of(0x00, "CREATE", 0x10, "DROP")),
  MULTIXACT(
      "MultiXact",
      0xF0,
      Map.of(0x00, "ZERO_OFF_PAGE", 0x10, "ZERO_MEM_PAGE", 0x20, "CREATE_ID", 0x30, "TRUNCATE_ID")),
  RELMAP("RelMap", 0xF0, Map.of(0x00, "UPDATE")),
  STANDBY("Standby", 0xF0, Map.of(0x00, "LOCK", 0x10, "RUNNING_XACTS", 0x20, "INVALIDATIONS")),
  HEAP2(
      "Heap2",
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
          0x70, "NEW_CID")),
  HEAP(
      "Heap",
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
          Map.entry(0x70, "INPLACE"))),
  BTREE(
      "Btree",
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
          Map.entry(0xE0, "META_CLEANUP"))),
  HASH(
      "Hash",
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
          Map.entry(0xC0, "VACUUM_ONE_PAGE"))),
  GIN(
      "Gin",
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
          0x80, "DELETE_LISTPAGE")),
  GIST(
      "Gist",
      0xF0,
      Map.of(
          0x00, "PAGE_UPDATE",
          0x10, "DELETE",
          0x20, "PAGE_REUSE",
          0x30, "PAGE_SPLIT",
          0x60, "PAGE_DELETE",
          0x70, "ASSIGN_LSN")),
  SEQUENCE("Sequence", 0xF0, Map.of(0x00, "LOG")),
  SPGIST(
      "SPGist",
      0xF0,
      Map.of(
          0x10, "ADD_LEAF",
          0x20, "MOVE_LEAFS",
          0x30, "ADD_NODE",
          0x40, "SPLIT_TUPLE",
          0x50, "PICKSPLIT",
          0x60, "VACUUM_LEAF",
          0x70, "VACUUM_ROOT",
          0x80, "VACUUM_REDIRECT")),
  BRIN(
      "BRIN",
      0xF0,
      Map.of(
          0x00, "CREATE_INDEX",
          0x10, "INSERT",
          0x90, "INSERT+INIT",
          0x20, "UPDATE",
          0xA0, "UPDATE+INIT",
          0x30, "SAMEPAGE_UPDATE",
          0x40, "REVMAP_EXTEND",
          0x50, "DESUMMARIZE")),
  COMMIT_TS("CommitTs", 0xF0, Map.of(0x00, "ZEROPAGE", 0x10, "TRUNCATE")),
  REPLICATION_ORIGIN("ReplicationOrigin", 0xF0, Map.of(0x00, "SET", 0x10, "DROP")),
  GENERIC("Generic", 0xF0, Map.of(0x00, "Generic")),
  LOGICAL_MESSAGE("LogicalMessage", 0xF0, Map.of(0x00, "MESSAGE"));

  /** Resource managers of extensions have these numbers. */
  public static final int MIN_CUSTOM_ID = 128;

  private static final Rmgr[] ALL = values();
  private static final List<Optional<Rmgr>> FOUND = Stream.of(ALL).map(Optional::of).toList();

  private final String label;
  private final String recordName;
  private final String[] infoNames = new String[16];

  Rmgr(String label, int infoMask, Map<Integer, String> names) {
    this.label = label;
    this.recordName = label + " record";
    for (int info = 0; info <= 0xF0; info += 0x10) {
      String name = names.get(info & infoMask);
      infoNames[info >> 4] = name != null ? name : "UNKNOWN (%x)".formatted(info);
    }
  }

  /** The resource manager with this number; empty for an extension's and for damage. */
  public static Optional<Rmgr> of(int id) {
    return id < ALL.length ? FOUND.get(id) : Optional.empty();
  }

  /** A number that PostgreSQL accepts in a record: one of its own, or an extension's. */
  public static boolean isValid(int id) {
    return id < ALL.length || id >= MIN_CUSTOM_ID && id <= 255;
  }

  public static String label(int id) {
    return id < ALL.length ? ALL[id].label : "custom%03d".formatted(id);
  }

  public int id() {
    return ordinal();
  }

  /** The name in pg_waldump's listing. */
  public String label() {
    return label;
  }

  /** What a record of it is called in messages. */
  public String recordName() {
    return recordName;
  }

  /** The record's name; {@code info} with or without the low four bits. */
  public String infoName(int info) {
    return infoNames[info >> 4 & 15];
  }
}
