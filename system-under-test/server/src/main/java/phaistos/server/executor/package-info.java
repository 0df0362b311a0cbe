/**
 * Runs statements. This is not a full SQL engine: it has what workloads, pgbench and a user of psql
 * need.
 */
package phaistos.server.executor;
