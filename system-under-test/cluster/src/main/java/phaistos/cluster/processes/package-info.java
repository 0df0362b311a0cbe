/** Clusters whose nodes are processes of this machine. */
package phaistos.cluster.processes;
