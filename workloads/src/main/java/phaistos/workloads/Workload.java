package phaistos.workloads;

import phaistos.checker.Checker;
import phaistos.checker.Result;
import phaistos.histories.Codec;
import phaistos.histories.generators.Generator;

/**
 * What clients do in a run, and what must be true of it.
 *
 * @param generator the load, for client threads, without an end of its own
 * @param finalGenerator what client threads do when everything has been healed
 * @param checker judges the client events of the history
 * @param claim what a valid verdict says, in one sentence
 */
public record Workload<C>(
    String name,
    Client<C> client,
    Codec<C> codec,
    Generator<C> generator,
    Generator<C> finalGenerator,
    Checker<C, ? extends Result> checker,
    String claim) {}
