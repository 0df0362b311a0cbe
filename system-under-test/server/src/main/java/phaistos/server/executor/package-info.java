/** Runs statements. It is no SQL engine: what workloads, pgbench and a person at psql need. */
package phaistos.server.executor;
