/** Transactions that lock a row together. */
package phaistos.server.multixact;
