/** Runs a test on a cluster and judges its recording. */
package phaistos.harness;
