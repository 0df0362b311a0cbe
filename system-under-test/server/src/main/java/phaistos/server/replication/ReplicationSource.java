package phaistos.server.replication;

import phaistos.formats.Lsn;
import phaistos.server.wal.WalFiles;

/** What a walsender must know of the server that it streams from. Thread-safe. */
public interface ReplicationSource {
  long systemId();

  /** The timeline that is written to now; on a standby the one that is replayed. */
  int timeline();

  /** How far WAL may be sent: flushed on a primary, replayed on a standby. */
  Lsn sendLimit();

  WalFiles walFiles();

  /** Calls {@code listener}, from any task, whenever {@link #sendLimit} has moved. */
  void onSendLimit(Runnable listener);

  void removeSendLimitListener(Runnable listener);
}
