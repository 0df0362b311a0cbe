package phaistos.checker.transactions;

import java.util.List;
import java.util.Optional;
import phaistos.histories.Edn;

/** One step of a transaction, in Jepsen's form {@code [f key value]}. */
public sealed interface MicroOp {
  Edn key();

  /** {@code [:append key element]}: puts an element, unique for its key, at the list's end. */
  record Append(Edn key, Edn element) implements MicroOp {}

  /** {@code [:w key value]}: sets a register to a value unique for its key. */
  record Write(Edn key, Edn value) implements MicroOp {}

  /** {@code [:r key list]}: reads a list; without one in an invocation, or where it was nil. */
  record ReadList(Edn key, Optional<List<Edn>> elements) implements MicroOp {
    public ReadList {
      elements = elements.map(List::copyOf);
    }
  }

  /** {@code [:r key value]}: reads a register; nil is its initial state, or not known yet. */
  record ReadRegister(Edn key, Edn value) implements MicroOp {}

  /**
   * {@code [:rp predicate rows]}: reads all registers whose value matches; {@code rows} is a map
   * from keys to values, nil in an invocation. Has no key of its own.
   */
  record ReadPredicate(Edn predicate, Edn rows) implements MicroOp {
    @Override
    public Edn key() {
      return Edn.NIL;
    }
  }
}
