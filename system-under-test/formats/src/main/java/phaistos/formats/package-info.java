/** PostgreSQL 15's bytes: WAL, commit log, control file, heap pages, timeline history files. */
package phaistos.formats;
