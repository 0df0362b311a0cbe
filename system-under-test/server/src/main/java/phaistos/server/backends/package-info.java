/** The sessions that there are. */
package phaistos.server.backends;
