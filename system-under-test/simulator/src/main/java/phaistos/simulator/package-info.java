/** The ports, deterministic: one seed, one schedule, one history. */
package phaistos.simulator;
