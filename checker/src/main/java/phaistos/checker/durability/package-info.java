/**
 * The durability audit: checks that every acknowledged commit is still in the data directories that
 * owe it. Reads PostgreSQL 15's files, and ours, with its own redo.
 */
package phaistos.checker.durability;
