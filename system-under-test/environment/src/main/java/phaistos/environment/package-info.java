/**
 * The ports to the outside world. Whatever runs inside a simulation touches clock, tasks, disk,
 * network and randomness through them only; there is a real and a simulated set of adapters.
 */
package phaistos.environment;
