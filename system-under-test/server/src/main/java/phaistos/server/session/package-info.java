/** A client's connection: start-up, simple and extended queries, transactions, replication. */
package phaistos.server.session;
