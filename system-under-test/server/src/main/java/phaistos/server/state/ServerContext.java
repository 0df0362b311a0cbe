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
 * What every part of a server needs: the ports, the current settings, the log and the server's
 * state. It gives no access to other parts.
 *
 * @param current the current settings
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
