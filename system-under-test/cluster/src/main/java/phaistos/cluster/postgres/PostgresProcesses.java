package phaistos.cluster.postgres;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import phaistos.cluster.ServerProcesses.Role;
import phaistos.cluster.machine.MachineProcesses;
import phaistos.cluster.machine.Signal;

/**
 * The children of a postmaster on this machine, by the titles that they give themselves
 * (ps_status.c).
 */
public final class PostgresProcesses {
  private static final String PREFIX = "postgres: ";

  /** How long a new child runs at a time. */
  private static final long SLICE_NANOS = 20_000;

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
   * yet; so each is stopped at once, looked at, and let go for some microseconds at a time until it
   * has one. What a process does after its title waits.
   *
   * @param limit how long to look
   * @return the stopped process; empty if none of the role appeared, or the postmaster ended
   */
  public static OptionalLong stopFirst(long postmaster, Role role, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    Set<Long> others = new HashSet<>();
    while (System.nanoTime() < deadline && MachineProcesses.isAlive(postmaster)) {
      for (long pid : MachineProcesses.children(postmaster)) {
        if (!others.contains(pid) && stopIf(pid, role, deadline)) {
          return OptionalLong.of(pid);
        }
        others.add(pid);
      }
      Thread.onSpinWait();
    }
    return OptionalLong.empty();
  }

  /** Stops a child, and lets it go if it turns out to have another role. */
  private static boolean stopIf(long pid, Role role, long deadline) {
    long slice = SLICE_NANOS;
    Signal.STOP.send(pid);
    String title = MachineProcesses.title(pid);
    while (!title.isEmpty() && !title.startsWith(PREFIX) && System.nanoTime() < deadline) {
      Signal.CONT.send(pid);
      long until = System.nanoTime() + slice;
      while (System.nanoTime() < until) {
        Thread.onSpinWait();
      }
      Signal.STOP.send(pid);
      title = MachineProcesses.title(pid);
      slice += SLICE_NANOS / 50; // on a busy machine it may not have run at all
    }
    if (hasRole(title, role)) {
      return true;
    }
    Signal.CONT.send(pid);
    return false;
  }
}
