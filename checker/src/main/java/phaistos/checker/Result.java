package phaistos.checker;

/** A checker's answer: a record with a verdict and the evidence that it rests on. */
public interface Result {
  Verdict verdict();
}
