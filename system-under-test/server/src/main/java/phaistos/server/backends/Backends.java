package phaistos.server.backends;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** All sessions, by process id. Thread-safe. */
public final class Backends {
  /** A session, as other parts see it. */
  public interface Backend {
    int pid();

    int secretKey();

    /** Columns of pg_stat_activity. */
    Activity activity();

    void cancel();

    /** Ends the session soon, with 57P01. */
    void terminate();

    /** Gives up a snapshot that replay cannot respect any longer (40001). */
    void conflict();

    /** Ends the connection at once, without a message. */
    void abandon();

    boolean isWalSender();
  }

  /**
   * What a session does.
   *
   * @param waitEvent type and name with a slash between, or empty
   */
  public record Activity(
      int pid,
      String user,
      String database,
      String applicationName,
      String clientAddress,
      int clientPort,
      long startedAt,
      String state,
      String waitEvent,
      String query,
      String backendType) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition empty = lock.newCondition();
  private final TreeMap<Integer, Backend> byPid = new TreeMap<>();
  private int nextPid = 1000;

  public int newPid() {
    lock.lock();
    try {
      return ++nextPid;
    } finally {
      lock.unlock();
    }
  }

  public void add(Backend backend) {
    lock.lock();
    try {
      byPid.put(backend.pid(), backend);
    } finally {
      lock.unlock();
    }
  }

  public void remove(Backend backend) {
    lock.lock();
    try {
      byPid.remove(backend.pid());
      empty.signalAll();
    } finally {
      lock.unlock();
    }
  }

  public List<Backend> all() {
    lock.lock();
    try {
      return new ArrayList<>(byPid.values());
    } finally {
      lock.unlock();
    }
  }

  public Optional<Backend> find(int pid) {
    lock.lock();
    try {
      return Optional.ofNullable(byPid.get(pid));
    } finally {
      lock.unlock();
    }
  }

  /** The session's snapshot is in the way of replay. */
  public void conflict(int pid) {
    find(pid).ifPresent(Backend::conflict);
  }

  /** Waits until no session is left, walsenders apart if asked so. */
  public void awaitNone(boolean walSendersToo) {
    lock.lock();
    try {
      while (byPid.values().stream().anyMatch(b -> walSendersToo || !b.isWalSender())) {
        empty.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
