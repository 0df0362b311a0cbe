package phaistos.server.xact;

import java.util.Locale;

/** The modes of table locks, weakest first (lockdefs.h, LockConflicts of lock.c). */
public enum TableLockMode {
  /** SELECT. */
  ACCESS_SHARE,
  /** SELECT ... FOR UPDATE and the like. */
  ROW_SHARE,
  /** INSERT, UPDATE, DELETE, COPY FROM. */
  ROW_EXCLUSIVE,
  /** VACUUM, ANALYZE. */
  SHARE_UPDATE_EXCLUSIVE,
  /** CREATE INDEX. */
  SHARE,
  SHARE_ROW_EXCLUSIVE,
  EXCLUSIVE,
  /** DROP TABLE, TRUNCATE, ALTER TABLE, and LOCK TABLE without a mode. */
  ACCESS_EXCLUSIVE;

  /** As pg_locks shows it: AccessShareLock. */
  public String label() {
    StringBuilder label = new StringBuilder();
    for (String word : name().split("_")) {
      label.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return label.append("Lock").toString();
  }

  /** Whether two transactions cannot hold these modes at the same time. */
  public boolean conflicts(TableLockMode other) {
    return switch (this) {
      case ACCESS_SHARE -> other == ACCESS_EXCLUSIVE;
      case ROW_SHARE -> other.compareTo(EXCLUSIVE) >= 0;
      case ROW_EXCLUSIVE -> other.compareTo(SHARE) >= 0;
      case SHARE_UPDATE_EXCLUSIVE -> other.compareTo(SHARE_UPDATE_EXCLUSIVE) >= 0;
      case SHARE -> other.compareTo(ROW_EXCLUSIVE) >= 0 && other != SHARE;
      case SHARE_ROW_EXCLUSIVE -> other.compareTo(ROW_EXCLUSIVE) >= 0;
      case EXCLUSIVE -> other != ACCESS_SHARE;
      case ACCESS_EXCLUSIVE -> true;
    };
  }
}
