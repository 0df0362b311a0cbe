/** Parsing of SQL text. */
package phaistos.server.sql;
