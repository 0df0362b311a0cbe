/** The database: transactions, WAL, commit log, heap, replication, recovery, SQL. */
package phaistos.server;
