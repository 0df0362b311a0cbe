/** What runs beside the sessions: the checkpointer and the WAL writer. */
package phaistos.server.background;
