package phaistos.checker.transactions.order;

/**
 * What a transaction must see of those whose writes it read, in the models in which the order of
 * versions follows from that alone (Biswas and Enea, "On the Complexity of Checking Transactional
 * Consistency", OOPSLA 2019).
 */
public enum Visibility {
  /** Nothing more: only who read from whom must make no cycle (Adya's PL-2). */
  OWN_READS,
  /**
   * What it read from a transaction it sees of it in all its later reads: monotonic atomic view,
   * which Biswas and Enea call read committed.
   */
  LATER_READS,
  /** What it read from a transaction it sees of it in all its reads: read atomic. */
  ALL_READS,
  /** It sees all that precedes it through any chain of reads: causal consistency. */
  CHAINS
}
