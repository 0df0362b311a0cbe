package phaistos.cluster.machine;

import java.nio.file.Path;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.CrashReport;
import phaistos.cluster.Cluster.ImageKind;
import phaistos.environment.crashable.PowerCut;

/**
 * Where the files of one node lie. The cluster opens it before it makes the node's data directory
 * in it, and closes it when all is over. Not thread-safe: one call at a time.
 */
public interface DataVolume extends AutoCloseable {
  /**
   * A folder of this machine, there while the volume is open, owned by the user of the node's
   * server. The node's data directory is {@code data} in it; nothing else of the node needs to
   * survive.
   */
  Path folder();

  /** Makes everything written so far survive every crash: for the set-up of a node. */
  void syncAll();

  /** What a power cut of this mode undoes. */
  static PowerCut.Takes taken(CrashMode mode) {
    return switch (mode) {
      case ALL_LOST -> PowerCut.Takes.ALL;
      case SOME_LOST -> PowerCut.Takes.SOME;
      case TORN -> PowerCut.Takes.TORN;
    };
  }

  /** A power cut; the node's processes are gone already. */
  CrashReport crash(CrashMode mode, long seed);

  /**
   * Copies all files as they are, or without any unsynced write. The node's processes are gone.
   *
   * @param target a folder that does not exist yet
   */
  void copyTo(ImageKind kind, Path target);

  @Override
  void close();
}
