package phaistos.server.steps;

import phaistos.formats.CommitLog;
import phaistos.formats.Xid;

/**
 * A change of the commit log.
 *
 * @param page the 8192 bytes of the page, which the change is made in
 */
public record BitChange(byte[] page, Xid xid, CommitLog.Status status) {}
