/**
 * Why a run is invalid: a smaller run with the same violation, the losses joined to the faults, the
 * step of the server at which the violation becomes inevitable, and a test that repeats it. Nothing
 * in here knows what is planted in the server.
 */
package phaistos.harness.explain;
