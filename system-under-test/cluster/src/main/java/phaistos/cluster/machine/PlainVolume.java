package phaistos.cluster.machine;

import java.nio.file.Path;
import java.util.Optional;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.CrashReport;
import phaistos.cluster.Cluster.ImageKind;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ClusterException;

/** A folder of this machine's own disk, whose page cache a SIGKILL does not touch. */
record PlainVolume(Path folder) implements DataVolume {
  private static final String WHY_NO_POWER_CUT =
      "its nodes write to the page cache of this machine, and a SIGKILL loses nothing of that";

  static final DataVolumes KIND = kind(Optional.empty());

  /**
   * @param instead why it is not a kind that can lose unsynced writes, if there is one
   */
  static DataVolumes kind(Optional<String> instead) {
    return new DataVolumes() {
      @Override
      public Optional<String> whyNoPowerCut() {
        return Optional.of(WHY_NO_POWER_CUT + instead.map(why -> "; " + why).orElse(""));
      }

      @Override
      public DataVolume open(NodeId node, Path folder, UserId owner) {
        MachineFiles.makeVolume(folder, owner);
        return new PlainVolume(folder);
      }
    };
  }

  @Override
  public void syncAll() {}

  @Override
  public CrashReport crash(CrashMode mode, long seed) {
    throw new ClusterException("no power cut: " + WHY_NO_POWER_CUT);
  }

  @Override
  public void copyTo(ImageKind kind, Path target) {
    if (kind == ImageKind.SYNCED_ONLY) {
      throw new ClusterException("no image without unsynced writes: " + WHY_NO_POWER_CUT);
    }
    MachineFiles.copyVolume(folder, target);
  }

  @Override
  public void close() {}
}
