package phaistos.server.state;

import java.util.function.Supplier;
import phaistos.environment.Environment;
import phaistos.environment.Tasks;
import phaistos.formats.PgTime;
import phaistos.server.errors.CriticalSections;
import phaistos.server.errors.Log;
import phaistos.server.settings.Settings;
import phaistos.server.steps.Steps;

/**
 * What every part of a server works with, whatever it does: the ports, the settings as they are
 * now, the log, and what is known of the server as a whole. Other parts are not reached through it.
 *
 * @param current the settings that hold now
 */
public record ServerContext(
    Environment environment,
    Supplier<Settings> current,
    Log log,
    ServerState state,
    Steps steps,
    CriticalSections critical) {
  public Settings settings() {
    return current.get();
  }

  public Tasks tasks() {
    return environment.tasks();
  }

  /** Microseconds since 2000. */
  public long now() {
    return PgTime.of(environment.clock().wallClock());
  }

  /** Seconds since 1970, as the control file has them. */
  public long seconds() {
    return now() / 1_000_000 + PgTime.EPOCH_SECONDS;
  }

  public long monotonicNanos() {
    return environment.clock().monotonicNanos();
  }
}
