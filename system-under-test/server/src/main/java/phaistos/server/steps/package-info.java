/** Named acts of the server, which tests and defects can replace. */
package phaistos.server.steps;
