/** The database: its life from start to stop, and the parts of a running server. */
package phaistos.server;
