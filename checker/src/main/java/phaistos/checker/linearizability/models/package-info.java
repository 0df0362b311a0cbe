/** The models that the command line knows by name, and how their calls stand in a history. */
package phaistos.checker.linearizability.models;
