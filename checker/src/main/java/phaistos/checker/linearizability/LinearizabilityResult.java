package phaistos.checker.linearizability;

import java.util.Optional;
import phaistos.checker.Result;
import phaistos.checker.Verdict;

/**
 * Whether a history is linearizable.
 *
 * @param operations how many calls were invoked
 * @param acknowledged how many of them returned: what the verdict rests on
 * @param replayed how many operations stand in the orders that monitors gave and that were replayed
 * @param keys how many independent keys were checked
 * @param configurations how many configurations the searches looked at
 * @param failure where it had to stop, if it is not linearizable
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
