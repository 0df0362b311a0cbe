package phaistos.cluster.containers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.CrashReport;
import phaistos.cluster.Cluster.ImageKind;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.machine.DataVolume;
import phaistos.cluster.machine.DataVolumes;
import phaistos.cluster.machine.MachineFiles;
import phaistos.cluster.machine.UserId;
import phaistos.environment.crashable.PowerCut;

/**
 * The folder of a node whose server keeps beside its data what its unsynced writes have replaced
 * ({@link phaistos.environment.crashable.CrashableDisk}).
 */
record CrashableVolume(Path folder) implements DataVolume {
  static final DataVolumes KIND =
      new DataVolumes() {
        @Override
        public Optional<String> whyNoPowerCut() {
          return Optional.empty();
        }

        @Override
        public DataVolume open(NodeId node, Path folder, UserId owner) {
          MachineFiles.makeVolume(folder, owner);
          return new CrashableVolume(folder);
        }
      };

  @Override
  public void syncAll() {}

  @Override
  public CrashReport crash(CrashMode mode, long seed) {
    return loseUnsynced(folder, mode, seed);
  }

  @Override
  public void copyTo(ImageKind kind, Path target) {
    MachineFiles.copyVolume(folder, target);
    if (kind == ImageKind.SYNCED_ONLY) {
      loseUnsynced(target, CrashMode.ALL_LOST, 0);
    }
  }

  private static CrashReport loseUnsynced(Path folder, CrashMode mode, long seed) {
    Path data = folder.resolve("data");
    try {
      return new CrashReport(PowerCut.strike(data, DataVolume.taken(mode), seed).bytes());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot take back unsynced writes of " + data, e);
    }
  }

  @Override
  public void close() {}
}
