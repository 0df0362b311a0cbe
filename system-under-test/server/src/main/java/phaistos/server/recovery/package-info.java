/** Crash recovery, standby replay, promotion. */
package phaistos.server.recovery;
