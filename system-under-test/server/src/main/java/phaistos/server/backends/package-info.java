/** The list of sessions. */
package phaistos.server.backends;
