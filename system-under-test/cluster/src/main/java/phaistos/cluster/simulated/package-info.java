/** Nodes in the simulator: one process each, on a machine of the simulated world. */
package phaistos.cluster.simulated;
