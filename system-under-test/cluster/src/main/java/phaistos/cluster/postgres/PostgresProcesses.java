package phaistos.cluster.postgres;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import phaistos.cluster.ServerProcesses.Role;
import phaistos.cluster.ServerProcesses.Shutdown;
import phaistos.cluster.machine.MachineProcesses;
import phaistos.cluster.machine.Signal;
import phaistos.cluster.machine.Urgency;

/**
 * The children of a postmaster on this machine, by the titles that they give themselves
 * (ps_status.c).
 */
public final class PostgresProcesses {
  private static final String PREFIX = "postgres: ";

  /** How long a process that is looked at runs at a time, at first. */
  private static final long SLICE_NANOS = 20_000;

  /** How long a child that is to be stopped is looked for. */
  private static final Duration LOOK_MAX = Duration.ofSeconds(5);

  private PostgresProcesses() {}

  /** Asks a postmaster to shut down in this mode (pmdie, postmaster.c). */
  public static void shutDown(long postmaster, Shutdown mode) {
    Signal signal =
        switch (mode) {
          case SMART -> Signal.TERM;
          case FAST -> Signal.INT;
          case IMMEDIATE -> Signal.QUIT;
        };
    signal.send(postmaster);
  }

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
   * Stops the first child of a role as soon as it is there. What a process does first, within
   * microseconds of its fork, should not have happened yet; so the postmaster and each new child
   * run for some microseconds at a time, and are looked at in between. A new child has no title of
   * its own yet. The very first child's role is known by the version ({@link #firstRole}): it is
   * stopped before it has done anything.
   *
   * @return the stopped process; empty if none of the role appeared, or the postmaster ended
   */
  public static OptionalLong stopFirst(long postmaster, Role role, int major) {
    long deadline = System.nanoTime() + LOOK_MAX.toNanos();
    boolean isFirst = firstRole(major).equals(Optional.of(role));
    return Urgency.during(() -> watch(postmaster, role, isFirst, deadline));
  }

  /** What a postmaster starts before anything else (PostmasterMain, postmaster.c). */
  static Optional<Role> firstRole(int major) {
    if (major < 15) {
      return Optional.of(Role.STARTUP);
    }
    return major < 18 ? Optional.of(Role.CHECKPOINTER) : Optional.empty();
  }

  private static OptionalLong watch(long postmaster, Role role, boolean isFirst, long deadline) {
    Set<Long> others = new HashSet<>();
    try (MachineProcesses.ChildWatch children = new MachineProcesses.ChildWatch(postmaster)) {
      long slice = SLICE_NANOS;
      while (System.nanoTime() < deadline && MachineProcesses.isAlive(postmaster)) {
        Signal.STOP.send(postmaster);
        for (long pid : isShell(postmaster) ? List.<Long>of() : children.now()) {
          if (others.add(pid) && stopIf(pid, role, isFirst && others.size() == 1, deadline)) {
            return OptionalLong.of(pid);
          }
        }
        Signal.CONT.send(postmaster);
        spin(slice);
        slice += SLICE_NANOS / 400; // on a busy machine it may not have run at all
      }
    } finally {
      Signal.CONT.send(postmaster);
    }
    return OptionalLong.empty();
  }

  /** A container's first process is a shell that becomes the postmaster. */
  private static boolean isShell(long pid) {
    return MachineProcesses.title(pid).startsWith("/bin/sh");
  }

  /** Stops a child, and lets it go if it turns out to have another role. */
  private static boolean stopIf(long pid, Role role, boolean isIt, long deadline) {
    long slice = SLICE_NANOS;
    Signal.STOP.send(pid);
    if (isIt) {
      return true;
    }
    String title = MachineProcesses.title(pid);
    while (!title.isEmpty() && !title.startsWith(PREFIX) && System.nanoTime() < deadline) {
      Signal.CONT.send(pid);
      spin(slice);
      Signal.STOP.send(pid);
      title = MachineProcesses.title(pid);
      slice += SLICE_NANOS / 50;
    }
    if (hasRole(title, role)) {
      return true;
    }
    Signal.CONT.send(pid);
    return false;
  }

  private static void spin(long nanos) {
    long until = System.nanoTime() + nanos;
    while (System.nanoTime() < until) {
      Thread.onSpinWait();
    }
  }
}
