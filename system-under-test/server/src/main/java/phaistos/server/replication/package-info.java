/**
 * Streaming replication: walsenders, walreceiver, and commits that wait for standbys (walsender.c,
 * walreceiver.c, syncrep.c).
 */
package phaistos.server.replication;
