/** The write-ahead log: segments, pages, records; reading them as a stream. */
package phaistos.formats.wal;
