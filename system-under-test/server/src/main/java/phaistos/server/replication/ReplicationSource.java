package phaistos.server.replication;

import phaistos.formats.Lsn;
import phaistos.server.wal.WalFiles;

/** What a walsender needs from its server. Thread-safe. */
public interface ReplicationSource {
  long systemId();

  /** The current timeline: the one being written, on a standby the one being replayed. */
  int timeline();

  /** How far WAL may be sent: flushed on a primary, replayed on a standby. */
  Lsn sendLimit();

  /** How far the WAL is written, durable or not. */
  Lsn written();

  WalFiles walFiles();

  /** Calls {@code listener}, from any task, whenever {@link #sendLimit} has moved. */
  void onSendLimit(Runnable listener);

  void removeSendLimitListener(Runnable listener);
}
