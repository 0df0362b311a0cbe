/** The models that the command line offers by name, and the form of their calls in a history. */
package phaistos.checker.linearizability.models;
