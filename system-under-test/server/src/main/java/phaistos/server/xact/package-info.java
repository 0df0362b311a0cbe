/** Transactions: ids, snapshots, commit and abort. */
package phaistos.server.xact;
