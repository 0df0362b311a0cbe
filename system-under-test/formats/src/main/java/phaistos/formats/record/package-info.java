/** The contents of WAL records, by resource manager, read and written. */
package phaistos.formats.record;
