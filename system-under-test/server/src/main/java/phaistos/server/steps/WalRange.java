package phaistos.server.steps;

import phaistos.formats.Lsn;

/** Where a WAL record stands: its first byte, and the byte after it, aligned. */
public record WalRange(Lsn start, Lsn end) {}
