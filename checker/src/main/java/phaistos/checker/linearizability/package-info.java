/**
 * Linearizability of a history against a model, in the tradition of Knossos and Porcupine. {@link
 * phaistos.checker.linearizability.Linearizability} is the entry.
 */
package phaistos.checker.linearizability;
