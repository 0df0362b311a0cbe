package phaistos.server.heap;

import phaistos.formats.Xid;

/** Whether versions behind an index entry block a unique key. */
public sealed interface Conflict {
  /** Nobody will ever see them: the entry may go. */
  record Dead() implements Conflict {}

  /** None blocks it, but another transaction may still see one. */
  record None() implements Conflict {}

  /** There is a row with this key. */
  record Exists() implements Conflict {}

  /** It depends on the end of this transaction. */
  record Waits(Xid xid) implements Conflict {}
}
