package phaistos.cluster.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * The process that owns a container, or a run, as its label says: {@code host/pid/start}. A process
 * id alone is not unique, since it is reused.
 *
 * @param startMillis when the process started, milliseconds since 1970; 0 if the system does not
 *     tell
 */
public record Owner(String host, long pid, long startMillis) {
  /** Start times are computed from the boot time, which moves when the clock is set. */
  private static final long TOLERANCE_MILLIS = 5_000;

  public static Owner self() {
    return of(ProcessHandle.current());
  }

  public static Owner of(ProcessHandle process) {
    long start = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    return new Owner(hostName(), process.pid(), start);
  }

  public static Optional<Owner> parse(String label) {
    String[] parts = label.split("/", -1);
    try {
      return parts.length == 3
          ? Optional.of(new Owner(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2])))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * Whether the process ran on this machine and has ended. False for a process of another machine.
   */
  public boolean isGone() {
    if (!host.equals(hostName())) {
      return false;
    }
    Optional<ProcessHandle> now = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
    return now.isEmpty() || Math.abs(of(now.get()).startMillis - startMillis) > TOLERANCE_MILLIS;
  }

  @Override
  public String toString() {
    return host + "/" + pid + "/" + startMillis;
  }

  private static String hostName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      String name = System.getenv("HOSTNAME");
      return name == null ? "localhost" : name;
    }
  }
}
