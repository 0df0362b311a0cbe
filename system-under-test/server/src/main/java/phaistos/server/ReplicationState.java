package phaistos.server;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.formats.Lsn;
import phaistos.server.replication.ReplicationSource;
import phaistos.server.wal.WalFiles;

/**
 * What walsenders may send: on a primary what is flushed, on a standby what is replayed, which was
 * flushed before. Thread-safe.
 */
public final class ReplicationState implements ReplicationSource {
  private final Instance instance;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile List<Runnable> listeners = List.of();

  ReplicationState(Instance instance) {
    this.instance = instance;
  }

  @Override
  public long systemId() {
    return instance.control().get().systemId();
  }

  @Override
  public int timeline() {
    return instance.isInRecovery() ? instance.recovery().timeline() : instance.wal().timeline();
  }

  @Override
  public Lsn sendLimit() {
    return instance.isInRecovery() ? instance.recovery().replayed() : instance.wal().flushedLsn();
  }

  @Override
  public WalFiles walFiles() {
    return instance.walFiles();
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
