package phaistos.server.steps;

import phaistos.formats.Lsn;
import phaistos.formats.Xid;

/**
 * A hint bit that is about to be set.
 *
 * @param xid the transaction that it says to have committed; invalid if it says aborted
 * @param page the LSN of the page: the WAL is flushed up to there before the page is written
 */
public record HintBit(Xid xid, Lsn page) {}
