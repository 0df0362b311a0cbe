package phaistos.formats.wal;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The resource managers in the order of their numbers (access/rmgrlist.h), the same in all versions
 * from 13 to 18. {@link phaistos.formats.record.RecordNames} has the names of their records.
 */
public enum Rmgr {
  XLOG("XLOG"),
  TRANSACTION("Transaction"),
  STORAGE("Storage"),
  CLOG("CLOG"),
  DATABASE("Database"),
  TABLESPACE("Tablespace"),
  MULTIXACT("MultiXact"),
  RELMAP("RelMap"),
  STANDBY("Standby"),
  HEAP2("Heap2"),
  HEAP("Heap"),
  BTREE("Btree"),
  HASH("Hash"),
  GIN("Gin"),
  GIST("Gist"),
  SEQUENCE("Sequence"),
  SPGIST("SPGist"),
  BRIN("BRIN"),
  COMMIT_TS("CommitTs"),
  REPLICATION_ORIGIN("ReplicationOrigin"),
  GENERIC("Generic"),
  LOGICAL_MESSAGE("LogicalMessage");

  /** Resource managers of extensions have these numbers. */
  public static final int MIN_CUSTOM_ID = 128;

  private static final Rmgr[] ALL = values();
  private static final List<Optional<Rmgr>> FOUND = Stream.of(ALL).map(Optional::of).toList();

  private final String label;
  private final String recordName;

  Rmgr(String label) {
    this.label = label;
    this.recordName = label + " record";
  }

  /** The resource manager with this number; empty for an extension's and for damage. */
  public static Optional<Rmgr> of(int id) {
    return id < ALL.length ? FOUND.get(id) : Optional.empty();
  }

  public static boolean isBuiltIn(int id) {
    return id < ALL.length;
  }

  /** A number that an extension may have. */
  public static boolean isCustom(int id) {
    return id >= MIN_CUSTOM_ID && id <= 255;
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
}
