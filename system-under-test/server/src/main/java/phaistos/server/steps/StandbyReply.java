package phaistos.server.steps;

import phaistos.formats.Lsn;

/**
 * The positions that a walreceiver reports to its primary; each is that of the byte after.
 *
 * @param timeline that it streams
 */
public record StandbyReply(int timeline, Lsn written, Lsn flushed, Lsn applied) {}
