package phaistos.server;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Named places in the server at which a test can act (PostgreSQL 17's idea): wait, throw, or change
 * what happens. Inert unless an action is attached. One set for each server. Thread-safe.
 *
 * <p>The names are constants here; {@link #SYNC_REP_WAIT} for example is passed just before a
 * commit waits for its standbys.
 */
public final class InjectionPoints {
  public static final String SYNC_REP_WAIT = "sync-rep-wait";
  public static final String COMMIT_RECORD_INSERTED = "commit-record-inserted";
  public static final String COMMIT_FLUSHED = "commit-flushed";
  public static final String COMMIT_LOG_SET = "commit-log-set";
  public static final String BEFORE_PROC_ARRAY_END = "before-proc-array-end";
  public static final String COMMAND_COMPLETE = "command-complete";
  public static final String CHECKPOINT_REDO_SET = "checkpoint-redo-set";
  public static final String STANDBY_WRITTEN = "standby-written";
  public static final String STANDBY_FLUSHED = "standby-flushed";
  public static final String STANDBY_REPLAYED = "standby-replayed";

  /** What the code at the point does next. */
  public enum Outcome {
    /** What it does without an action. */
    PROCEED,
    /** Leave out the step that the point stands before. */
    SKIP
  }

  /** What a test attaches. It may wait, and it may throw. */
  @FunctionalInterface
  public interface Action {
    Outcome at(String point);
  }

  private final ReentrantLock lock = new ReentrantLock();
  private volatile Map<String, Action> actions = Map.of();

  public void attach(String point, Action action) {
    lock.lock();
    try {
      Map<String, Action> changed = new TreeMap<>(actions);
      changed.put(point, action);
      actions = changed;
    } finally {
      lock.unlock();
    }
  }

  public void detach(String point) {
    lock.lock();
    try {
      Map<String, Action> changed = new TreeMap<>(actions);
      changed.remove(point);
      actions = changed;
    } finally {
      lock.unlock();
    }
  }

  /** Passes the point; answers whether the step behind it is to be done. */
  public boolean proceed(String point) {
    Action action = actions.get(point);
    return action == null || action.at(point) == Outcome.PROCEED;
  }
}
