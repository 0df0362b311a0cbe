package phaistos.cluster.containers;

import java.util.EnumMap;
import java.util.Map;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Capability;
import phaistos.cluster.machine.DataVolumes;

/** What a cluster of containers can do. */
public final class ContainerCapabilities {
  private ContainerCapabilities() {}

  /** With our own server. */
  public static Capabilities ofServer() {
    return of(CrashableVolume.KIND, false);
  }

  /**
   * With nodes on such volumes.
   *
   * @param isPostgres whether they run real PostgreSQL
   */
  public static Capabilities of(DataVolumes volumes, boolean isPostgres) {
    Map<Capability, String> missing = new EnumMap<>(Capability.class);
    if (!isPostgres) {
      missing.put(
          Capability.ADMINISTRATION, "Phaistos' own server has no archive, and no slots that last");
      missing.put(Capability.SERVER_PROCESSES, "Phaistos' own server is one process");
    }
    if (volumes.disks().isEmpty()) {
      missing.put(Capability.DISK, "containers write to the disk of this machine");
    }
    missing.put(Capability.CLOCK, "containers share the clock of this machine");
    missing.put(Capability.DISK_DAMAGE, "its nodes write to the disk of this machine");
    missing.put(Capability.STEPS, "nodes in containers are processes of their own");
    missing.put(
        Capability.REPLICATION_MESSAGES, "Toxiproxy passes bytes on and does not read them");
    volumes.whyNoPowerCut().ifPresent(why -> missing.put(Capability.POWER_CUT, why));
    return Capabilities.allBut(missing);
  }
}
