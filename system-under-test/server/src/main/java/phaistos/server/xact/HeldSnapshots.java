package phaistos.server.xact;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.formats.Xid;

/**
 * The sessions whose snapshots others must respect, by the oldest transaction that each may still
 * see as running (PGPROC's xmin). Thread-safe.
 */
public final class HeldSnapshots {
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Proc> holding = new ArrayList<>();

  /** A session holds a snapshot; an older one that it holds already counts. */
  void hold(Proc proc, Xid xmin) {
    lock.lock();
    try {
      if (!proc.xmin.isValid()) {
        proc.xmin = xmin;
        holding.add(proc);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The session holds none any more. */
  public void release(Proc proc) {
    lock.lock();
    try {
      if (proc.xmin.isValid()) {
        proc.xmin = Xid.INVALID;
        holding.remove(proc);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Their oldest xmin, or {@code start} if that is older. */
  Xid oldest(Xid start) {
    lock.lock();
    try {
      Xid oldest = start;
      for (Proc proc : holding) {
        oldest = proc.xmin.precedes(oldest) ? proc.xmin : oldest;
      }
      return oldest;
    } finally {
      lock.unlock();
    }
  }

  /** Those that see rows which transactions up to this one have deleted. */
  public List<Proc> upTo(Xid latestRemoved) {
    lock.lock();
    try {
      return holding.stream().filter(proc -> !proc.xmin.follows(latestRemoved)).toList();
    } finally {
      lock.unlock();
    }
  }
}
