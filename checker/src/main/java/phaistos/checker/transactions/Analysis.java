package phaistos.checker.transactions;

/** What a data type lets us infer from the transactions of a history. */
interface Analysis {
  Transactions transactions();

  /** Whether there are dependencies, even if all are of a transaction on itself: not emitted. */
  boolean hasHiddenDependencies();

  /** Emits the data dependencies, the same at every call; some may be emitted twice. */
  void emit(Edges.Sink sink);

  /** Adds the anomalies that need no search for cycles. */
  void findDirectly(Findings findings, Patience patience);

  /** Whether an edge that is both wr and ww is explained as wr. */
  boolean explainsReadsFirst();

  /** Whether b overwrote only what a read by predicate. */
  boolean isByPredicate(int a, int b);

  /** Why a comes before b, by a dependency of this label, in words, with these names. */
  String explain(int label, int a, int b, String nameOfA, String nameOfB);
}
