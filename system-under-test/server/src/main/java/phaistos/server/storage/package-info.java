/** Pages of tables in memory and on disk. */
package phaistos.server.storage;
