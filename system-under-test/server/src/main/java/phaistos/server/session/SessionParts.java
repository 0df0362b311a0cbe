package phaistos.server.session;

import phaistos.server.backends.Backends;
import phaistos.server.backends.Timeouts;
import phaistos.server.executor.Administration;
import phaistos.server.executor.Executor;
import phaistos.server.executor.Observed;
import phaistos.server.executor.Tables;
import phaistos.server.replication.ReplicationSource;
import phaistos.server.replication.SyncRep;
import phaistos.server.settings.Configuration;
import phaistos.server.sql.SqlParser;
import phaistos.server.state.RecoveryProgress;
import phaistos.server.state.ServerContext;
import phaistos.server.xact.Transactions;

/** What a session needs of its server; the same for all sessions. */
public record SessionParts(
    ServerContext server,
    Configuration configuration,
    SqlParser parser,
    Executor executor,
    Tables tables,
    Observed observed,
    Administration administration,
    Transactions transactions,
    Backends backends,
    Timeouts timeouts,
    SyncRep syncRep,
    ReplicationSource replication,
    RecoveryProgress recovery) {}
