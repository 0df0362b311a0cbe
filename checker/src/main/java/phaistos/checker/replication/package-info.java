/** Checks of what the nodes of a replication tell each other. */
package phaistos.checker.replication;
