/** Named acts of the server, which tests and defects can change. */
package phaistos.server.steps;
