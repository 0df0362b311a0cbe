/** A cluster of containers: one for each node, and a Toxiproxy between them. */
package phaistos.cluster.containers;
