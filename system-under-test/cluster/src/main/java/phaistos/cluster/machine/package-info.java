/** What clusters of processes and of containers need of this machine: files, volumes, signals. */
package phaistos.cluster.machine;
