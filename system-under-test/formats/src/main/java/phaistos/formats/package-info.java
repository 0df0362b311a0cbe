/**
 * The bytes of PostgreSQL 13 to 18 ({@link phaistos.formats.Version}); those of 15 are written too.
 * Here: numbers, control file, commit log, timelines. In {@code wal}: pages and records; in {@code
 * record}: what the records of each resource manager say; in {@code heap}: pages of tables.
 */
package phaistos.formats;
