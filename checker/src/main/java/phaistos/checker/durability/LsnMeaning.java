package phaistos.checker.durability;

/** What the history's LSNs are. */
public enum LsnMeaning {
  /** The end, or the start, of the transaction's commit record: it identifies the transaction. */
  EXACT,
  /** Some position after the commit record, such as pg_current_wal_lsn() asked for later. */
  UPPER_BOUND
}
