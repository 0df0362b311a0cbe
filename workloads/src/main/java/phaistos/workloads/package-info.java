/** Clients, generators and workloads. */
package phaistos.workloads;
