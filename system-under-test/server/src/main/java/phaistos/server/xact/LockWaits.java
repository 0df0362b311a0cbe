package phaistos.server.xact;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import phaistos.server.errors.PgError;

/**
 * Which session waits for which because of locks, on transactions or on tables (deadlock.c). Its
 * lock guards all of these locks.
 */
final class LockWaits {
  final ReentrantLock lock = new ReentrantLock();

  /**
   * A wait of a session.
   *
   * @param what the lock: "ShareLock on transaction 750"
   * @param blockers who must give up a lock before; asked under {@link LockWaits#lock}
   */
  record Wait(String what, Supplier<List<Proc>> blockers) {}

  /**
   * Called under the lock before a session begins to wait.
   *
   * @throws PgError 40P01 if it would wait for itself
   */
  static void check(Proc waiter, Wait wait) {
    List<Proc> cycle = new ArrayList<>();
    if (leadsBack(waiter, wait, waiter, new TreeSet<>(), cycle)) {
      List<String> lines = new ArrayList<>();
      Wait edge = wait;
      Proc from = waiter;
      for (Proc to : cycle) {
        lines.add(
            "Process %d waits for %s; blocked by process %d."
                .formatted(from.pid(), edge.what, to.pid()));
        from = to;
        edge = to.waits;
      }
      throw new PgError(
          PgError.Severity.ERROR,
          "40P01",
          "deadlock detected",
          String.join("\n", lines),
          "See server log for query details.");
    }
  }

  private static boolean leadsBack(
      Proc from, Wait wait, Proc to, Set<Integer> seen, List<Proc> path) {
    for (Proc blocker : wait.blockers.get()) {
      path.add(blocker);
      if (blocker == to) {
        return true;
      }
      if (blocker.waits != null
          && seen.add(blocker.pid())
          && leadsBack(blocker, blocker.waits, to, seen, path)) {
        return true;
      }
      path.removeLast();
    }
    return false;
  }
}
