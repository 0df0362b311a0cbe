/** Real PostgreSQL as the database of a cluster: versions, programs, settings, child processes. */
package phaistos.cluster.postgres;
