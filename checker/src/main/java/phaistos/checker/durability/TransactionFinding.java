package phaistos.checker.durability;

import java.util.List;

/**
 * The judgement of one transaction and its evidence.
 *
 * @param reason one sentence
 * @param copies one for each node, in the order of the input
 */
public record TransactionFinding(
    Claim claim, Judgement judgement, String reason, List<Copy> copies) {}
