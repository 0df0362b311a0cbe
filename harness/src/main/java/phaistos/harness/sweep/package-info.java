/** Crashes a node at every change of its disk, and compares what recovers with a model. */
package phaistos.harness.sweep;
