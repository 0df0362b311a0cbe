package phaistos.server.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.formats.Lsn;
import phaistos.server.control.ControlFileStore;
import phaistos.server.state.RecoveryProgress;
import phaistos.server.state.ServerState;
import phaistos.server.wal.Wal;
import phaistos.server.wal.WalFiles;

/**
 * How far walsenders may send: on a primary the flush position, on a standby the replay position,
 * which is flushed too. Thread-safe.
 */
public final class ReplicationState implements ReplicationSource {
  private final ControlFileStore control;
  private final Wal wal;
  private final WalFiles files;
  private final RecoveryProgress recovery;
  private final ServerState state;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile List<Runnable> listeners = List.of();

  public ReplicationState(
      ControlFileStore control,
      Wal wal,
      WalFiles files,
      RecoveryProgress recovery,
      ServerState state) {
    this.control = control;
    this.wal = wal;
    this.files = files;
    this.recovery = recovery;
    this.state = state;
  }

  @Override
  public long systemId() {
    return control.get().systemId();
  }

  @Override
  public int timeline() {
    return state.isInRecovery() ? recovery.timeline() : wal.timeline();
  }

  @Override
  public Lsn sendLimit() {
    return state.isInRecovery() ? recovery.replayed() : wal.flushedLsn();
  }

  @Override
  public Lsn written() {
    return state.isInRecovery() ? recovery.replayed() : wal.writtenLsn();
  }

  @Override
  public WalFiles walFiles() {
    return files;
  }

  @Override
  public void onSendLimit(Runnable listener) {
    lock.lock();
    try {
      List<Runnable> changed = new ArrayList<>(listeners);
      changed.add(listener);
      listeners = List.copyOf(changed);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void removeSendLimitListener(Runnable listener) {
    lock.lock();
    try {
      List<Runnable> changed = new ArrayList<>(listeners);
      changed.remove(listener);
      listeners = List.copyOf(changed);
    } finally {
      lock.unlock();
    }
  }

  /** There may be more to send. */
  public void moved() {
    for (Runnable listener : listeners) {
      listener.run();
    }
  }
}
