package phaistos.cluster.containers;

import java.util.EnumMap;
import java.util.Map;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Capability;

/** What a cluster of containers can do. */
public final class ContainerCapabilities {
  private ContainerCapabilities() {}

  /** With our own server. */
  public static Capabilities ofServer() {
    return of(true);
  }

  static Capabilities of(boolean losesUnsyncedWrites) {
    Map<Capability, String> missing = new EnumMap<>(Capability.class);
    missing.put(Capability.DISK, "containers write to the disk of this machine");
    missing.put(Capability.CLOCK, "containers share the clock of this machine");
    missing.put(Capability.STEPS, "nodes in containers are processes of their own");
    missing.put(
        Capability.REPLICATION_MESSAGES, "Toxiproxy passes bytes on and does not read them");
    if (!losesUnsyncedWrites) {
      String why = "its program writes past the crashable disk, and a SIGKILL loses nothing";
      missing.put(Capability.POWER_CUT, why);
      missing.put(Capability.IMAGES, why);
    }
    return Capabilities.allBut(missing);
  }
}
