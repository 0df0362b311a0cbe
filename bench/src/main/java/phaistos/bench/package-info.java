/** Comparisons with peers, each in one run. */
package phaistos.bench;
