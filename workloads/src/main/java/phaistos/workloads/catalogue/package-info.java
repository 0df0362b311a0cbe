/** The workloads, one class each. */
package phaistos.workloads.catalogue;
