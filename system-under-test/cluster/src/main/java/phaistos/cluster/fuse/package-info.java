/**
 * A file system for the data directories of real PostgreSQL that can lose unsynced writes and names
 * as a power cut would. It speaks the protocol of Linux's FUSE driver in a process of its own.
 */
package phaistos.cluster.fuse;
