package phaistos.checker.durability;

/** Where in a row a marker may stand. */
public enum MarkerColumn {
  /** In any column: what the audit of somebody else's tables can do. */
  ANY,
  /** In the first column: Phaistos' own tables. */
  FIRST
}
