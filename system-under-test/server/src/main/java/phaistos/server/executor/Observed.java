package phaistos.server.executor;

import phaistos.server.backends.Backends;
import phaistos.server.clog.Clog;
import phaistos.server.replication.SyncRep;
import phaistos.server.slru.SlruStatistics;
import phaistos.server.state.RecoveryProgress;
import phaistos.server.steps.StepTimes;
import phaistos.server.wal.Wal;
import phaistos.server.xact.ProcArray;

/**
 * What views and functions show of the server.
 *
 * @param startedAt microseconds since 2000
 */
public record Observed(
    Wal wal,
    Clog clog,
    SlruStatistics slrus,
    SyncRep syncRep,
    Backends backends,
    RecoveryProgress recovery,
    ProcArray procArray,
    StepTimes stepTimes,
    long startedAt) {}
