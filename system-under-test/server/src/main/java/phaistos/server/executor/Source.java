package phaistos.server.executor;

/** What stands in FROM, compiled: its columns and its rows. */
record Source(Relation relation, Rows.Scan scan) {}
