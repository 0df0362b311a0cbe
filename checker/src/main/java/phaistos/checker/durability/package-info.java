/**
 * The durability audit: is every commit that a client was told about still in the data directories
 * that it was promised to be in? Reads PostgreSQL 15's files, and ours, with redo of its own.
 */
package phaistos.checker.durability;
