package phaistos.checker;

/** A checker's result: a record with a verdict and its evidence. */
public interface Result {
  Verdict verdict();
}
