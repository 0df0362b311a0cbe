/** Real PostgreSQL of this machine as a cluster on loopback. */
package phaistos.cluster.localpostgres;
