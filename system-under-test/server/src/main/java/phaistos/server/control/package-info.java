/** {@code global/pg_control}. */
package phaistos.server.control;
