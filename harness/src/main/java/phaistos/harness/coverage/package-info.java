/** What a run came to: goals, counted over its events. */
package phaistos.harness.coverage;
