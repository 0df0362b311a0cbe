package phaistos.server.backends;

import java.util.Optional;
import java.util.OptionalLong;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;

/** A process of the server that serves no client, as pg_stat_activity shows it. Thread-safe. */
public final class BackgroundProcess {
  private final int pid;
  private final String type;
  private final long startedAt;
  private final WaitEvents waits;
  private volatile WaitEvents.Wait wait = WaitEvents.NONE;

  BackgroundProcess(int pid, String type, long startedAt, WaitEvents waits) {
    this.pid = pid;
    this.type = type;
    this.startedAt = startedAt;
    this.waits = waits;
  }

  public int pid() {
    return pid;
  }

  public String type() {
    return type;
  }

  /** It waits, for this event, type and name with a slash between. */
  public void begin(String event) {
    wait = waits.begin(event);
  }

  public void end() {
    waits.end(wait);
    wait = WaitEvents.NONE;
  }

  Activity activity() {
    return new Activity(
        pid,
        type,
        Optional.empty(),
        startedAt,
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        "",
        Xid.INVALID,
        Xid.INVALID,
        "",
        wait.event(),
        Lsn.INVALID);
  }
}
