package phaistos.checker.durability;

/** Where in a row a marker may stand. */
public enum MarkerColumn {
  /** In any column: for tables of an unknown layout. */
  ANY,
  /** In the first column: Phaistos' own tables. */
  FIRST
}
