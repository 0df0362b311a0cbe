package phaistos.server.background;

import phaistos.server.clog.Clog;
import phaistos.server.control.ControlFileStore;
import phaistos.server.storage.BufferPool;
import phaistos.server.wal.Wal;

/** What a checkpoint makes durable, and recovery rebuilds. */
public record DurableState(Wal wal, Clog clog, BufferPool buffers, ControlFileStore control) {}
