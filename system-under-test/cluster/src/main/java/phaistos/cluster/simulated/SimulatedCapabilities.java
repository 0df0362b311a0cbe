package phaistos.cluster.simulated;

import java.util.Map;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Capability;

/** What a simulated cluster can do. */
final class SimulatedCapabilities {
  private SimulatedCapabilities() {}

  static Capabilities all() {
    return Capabilities.allBut(
        Map.of(
            Capability.SERVER_PROCESSES,
            "a simulated node has no processes",
            Capability.SLOW_LINK,
            "its links take messages, whose delays the seed draws",
            Capability.ADMINISTRATION,
            "Phaistos' own server has no archive, and no slots that last"));
  }
}
