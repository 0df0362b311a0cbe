/**
 * The bytes of PostgreSQL 13 to 18 ({@link phaistos.formats.Version}); those of 15 can be written
 * too. This package has numbers, control file, commit log and timelines. In {@code wal}: pages and
 * records; in {@code record}: the contents of each resource manager's records; in {@code heap}:
 * pages of tables.
 */
package phaistos.formats;
