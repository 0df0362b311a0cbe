package phaistos.simulator;

/**
 * From a step of the scheduler on, choices are drawn from another seed: the run up to there is the
 * recorded one, since it is a function of its own seed, and the rest is drawn anew.
 *
 * @param fromStep the first step that is drawn anew, as {@link SimulationProbe} counts them
 */
public record Tail(long fromStep, long seed) {}
