/** SQL text and what it says. */
package phaistos.server.sql;
