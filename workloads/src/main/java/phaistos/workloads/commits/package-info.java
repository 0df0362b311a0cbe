/** The workload that asks whether acknowledged commits are still there. */
package phaistos.workloads.commits;
