/** Campaigns: many runs, and what they found. */
package phaistos.harness.campaign;
