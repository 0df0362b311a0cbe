package phaistos.cluster.postgres;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import phaistos.cluster.ServerProcesses.Role;
import phaistos.cluster.machine.MachineProcesses;
import phaistos.cluster.machine.Signal;

/**
 * The children of a postmaster on this machine, by the titles that they give themselves
 * (ps_status.c).
 */
public final class PostgresProcesses {
  private static final String PREFIX = "postgres: ";

  private PostgresProcesses() {}

  /** The process ids of that role, the oldest first. */
  public static List<Long> find(long postmaster, Role role) {
    return MachineProcesses.children(postmaster).stream()
        .filter(pid -> hasRole(MachineProcesses.title(pid), role))
        .toList();
  }

  static boolean hasRole(String title, Role role) {
    if (!title.startsWith(PREFIX)) {
      return false;
    }
    String own = title.substring(PREFIX.length());
    return switch (role) {
      case STARTUP -> is(own, "startup");
      case CHECKPOINTER -> is(own, "checkpointer");
      case BACKGROUND_WRITER -> is(own, "background writer");
      case WALWRITER -> is(own, "walwriter");
      case WALSENDER -> is(own, "walsender");
      case WALRECEIVER -> is(own, "walreceiver");
      // user, database, address of the client
      case BACKEND -> own.matches("\\S+ \\S+ [\\w.:]+\\(\\d+\\).*") && !is(own, "walsender");
    };
  }

  private static boolean is(String title, String name) {
    return title.equals(name) || title.startsWith(name + " ");
  }

  /**
   * Stops the first child of a role as soon as it is there. A new child has no title of its own
   * yet; so each is stopped at once, looked at, and let go for a moment until it has one.
   *
   * @param limit how long to look
   * @return the stopped process; empty if none of the role appeared, or the postmaster ended
   */
  public static OptionalLong stopFirst(long postmaster, Role role, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() < deadline && MachineProcesses.isAlive(postmaster)) {
      for (long pid : MachineProcesses.children(postmaster)) {
        if (MachineProcesses.title(pid).startsWith(PREFIX)
            && !hasRole(MachineProcesses.title(pid), role)) {
          continue; // known, and of another role
        }
        Signal.STOP.send(pid);
        if (hasRole(MachineProcesses.title(pid), role)) {
          return OptionalLong.of(pid);
        }
        Signal.CONT.send(pid);
      }
      Thread.onSpinWait();
    }
    return OptionalLong.empty();
  }
}
