/** Runs a test on a cluster and judges what it left. */
package phaistos.harness;
