/** Writing the write-ahead log. */
package phaistos.server.wal;
