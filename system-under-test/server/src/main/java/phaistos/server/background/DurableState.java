package phaistos.server.background;

import phaistos.server.clog.Clog;
import phaistos.server.clog.Subtrans;
import phaistos.server.control.ControlFileStore;
import phaistos.server.multixact.MultiXact;
import phaistos.server.storage.BufferPool;
import phaistos.server.wal.Wal;

/** What a checkpoint writes, and recovery rebuilds. */
public record DurableState(
    Wal wal,
    Clog clog,
    Subtrans subtrans,
    MultiXact multiXact,
    BufferPool buffers,
    ControlFileStore control) {}
