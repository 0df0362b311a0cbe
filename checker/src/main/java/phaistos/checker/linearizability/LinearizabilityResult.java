package phaistos.checker.linearizability;

import java.util.Optional;
import phaistos.checker.Result;
import phaistos.checker.Verdict;

/**
 * Whether a history is linearizable.
 *
 * @param operations how many calls were invoked
 * @param acknowledged how many of them returned: what the verdict rests on
 * @param replayed how many operations are in the orders that monitors found and that were replayed
 * @param keys how many independent keys were checked
 * @param configurations how many configurations the searches looked at
 * @param failure where it is not linearizable, if it is not
 */
public record LinearizabilityResult(
    Verdict verdict,
    long operations,
    long acknowledged,
    long replayed,
    int keys,
    long configurations,
    Optional<Failure<?, ?>> failure)
    implements Result {}
