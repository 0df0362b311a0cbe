package phaistos.server.backends;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.environment.Clock;

/** All sessions, by process id. Thread-safe. */
public final class Backends {
  /** A session, as other parts see it. */
  public interface Backend {
    int pid();

    int secretKey();

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

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition empty = lock.newCondition();
  private final TreeMap<Integer, Backend> byPid = new TreeMap<>();
  private final List<BackgroundProcess> background = new ArrayList<>();
  private final WaitEvents waits;
  private int nextPid = 1000;

  public Backends(Clock clock) {
    waits = new WaitEvents(clock);
  }

  public WaitEvents waits() {
    return waits;
  }

  /** A process of the server has started, at this time in microseconds since 2000. */
  public BackgroundProcess background(String type, long startedAt) {
    int pid = newPid();
    BackgroundProcess process = new BackgroundProcess(pid, type, startedAt, waits);
    lock.lock();
    try {
      background.add(process);
    } finally {
      lock.unlock();
    }
    return process;
  }

  public void ended(BackgroundProcess process) {
    lock.lock();
    try {
      background.remove(process);
    } finally {
      lock.unlock();
    }
  }

  /** What everybody does: the background processes, then the sessions. */
  public List<Activity> activities() {
    List<BackgroundProcess> processes;
    lock.lock();
    try {
      processes = List.copyOf(background);
    } finally {
      lock.unlock();
    }
    List<Activity> all = new ArrayList<>();
    processes.forEach(process -> all.add(process.activity()));
    all().forEach(backend -> all.add(backend.activity()));
    return all;
  }

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
