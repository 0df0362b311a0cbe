/**
 * PostgreSQL 15's bytes. Here: numbers, control file, commit log, timelines. In {@code wal}: pages
 * and records; in {@code record}: what the records of each resource manager say; in {@code heap}:
 * pages of tables.
 */
package phaistos.formats;
