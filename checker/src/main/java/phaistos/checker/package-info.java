/** Judges histories: verdicts with evidence. */
package phaistos.checker;
