package phaistos.cluster.fuse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.CrashReport;
import phaistos.cluster.Cluster.ImageKind;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ClusterException;
import phaistos.cluster.Disks;
import phaistos.cluster.machine.DataVolume;
import phaistos.cluster.machine.DataVolumes;
import phaistos.cluster.machine.Mounts;
import phaistos.cluster.machine.UserId;

/**
 * Volumes that lose their unsynced writes and names at a power cut: a mounted {@link VolatileTree}
 * for each node. Thread-safe.
 */
public final class FuseVolumes implements DataVolumes, Disks {
  private static final Path DEVICE = Path.of("/dev/fuse");
  private static final int CAP_SYS_ADMIN = 21;
  private static final String REMEDY =
      "run it as root; in a container with --cap-add SYS_ADMIN --security-opt apparmor=unconfined";

  private final Map<NodeId, FuseVolume> open = new ConcurrentHashMap<>();

  /** These volumes, or folders of this machine's own disk where FUSE is {@link #missing}. */
  public static DataVolumes orPlain() {
    return missing().map(DataVolumes::plainBecause).orElseGet(FuseVolumes::new);
  }

  /** Why they cannot be had here, with the remedy, in one line; empty if they can. */
  public static Optional<String> missing() {
    if (!Files.exists(DEVICE)) {
      return Optional.of(
          "a power cut needs Linux's FUSE, and there is no /dev/fuse (modprobe fuse; in a container"
              + " --device /dev/fuse --cap-add SYS_ADMIN)");
    }
    if (!mayMount()) {
      return Optional.of(
          "a power cut needs a file system of its own, which this user may not mount ("
              + REMEDY
              + ")");
    }
    return Mount.problem()
        .map(why -> "a power cut needs a file system of its own: " + why + " (" + REMEDY + ")");
  }

  private static boolean mayMount() {
    try {
      return Files.isWritable(DEVICE)
          && Files.readAllLines(Path.of("/proc/self/status")).stream()
              .filter(line -> line.startsWith("CapEff:"))
              .anyMatch(
                  line ->
                      (Long.parseUnsignedLong(line.split("\\s+")[1], 16) >> CAP_SYS_ADMIN & 1)
                          != 0);
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public Optional<String> whyNoPowerCut() {
    return missing();
  }

  @Override
  public Optional<Disks> disks() {
    return Optional.of(this);
  }

  @Override
  public DataVolume open(NodeId node, Path folder, UserId owner) {
    FuseVolume volume = new FuseVolume(folder, owner);
    open.put(node, volume);
    return volume;
  }

  private FuseControl of(NodeId node) {
    FuseVolume volume = open.get(node);
    if (volume == null) {
      throw new ClusterException("no such node: " + node);
    }
    return volume.control;
  }

  @Override
  public void failSyncs(NodeId node, boolean fail) {
    of(node).command("sync-is", fail ? "fails" : "works");
  }

  /**
   * Sets whether syncs return without making anything durable. What they should have made durable
   * is so when the lies end without a power cut.
   */
  public void lieAboutSyncs(NodeId node, boolean lie) {
    of(node).command("sync-is", lie ? "lies" : "works");
  }

  @Override
  public void limitSpace(NodeId node, long bytes) {
    of(node).command("limit-space", bytes);
  }

  @Override
  public void slowDown(NodeId node, long nanos) {
    of(node).command("slow-down", nanos);
  }

  @Override
  public void flipBit(NodeId node, String path, long bit) throws IOException {
    try {
      of(node).command("flip", bit, "data/" + path);
    } catch (ClusterException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public void restoreBit(NodeId node, String path, long bit) {
    of(node).command("restore", bit, "data/" + path);
  }

  @Override
  public DiskCounters counters(NodeId node) {
    long[] counters = of(node).command("counters");
    return new DiskCounters(counters[0], counters[1], counters[2], counters[3]);
  }

  private static final class FuseVolume implements DataVolume {
    private final Path mounted;
    private final FuseControl control;

    FuseVolume(Path folder, UserId owner) {
      mounted = folder.resolve("mounted");
      Path store = folder.resolve("store");
      try {
        Files.createDirectories(mounted);
        Files.createDirectory(store);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot make " + folder, e);
      }
      control = new FuseControl(folder, store, mounted, owner);
    }

    @Override
    public Path folder() {
      return mounted;
    }

    @Override
    public void syncAll() {
      control.command("sync-all");
    }

    @Override
    public CrashReport crash(CrashMode mode, long seed) {
      return new CrashReport(control.command("cut", DataVolume.taken(mode), seed)[0]);
    }

    @Override
    public void copyTo(ImageKind kind, Path target) {
      String word =
          switch (kind) {
            case AS_IS -> "as-is";
            case SYNCED_ONLY -> "synced-only";
          };
      control.command("copy", word, target);
    }

    @Override
    public void close() {
      control.close();
      Mounts.removeBelow(mounted);
    }
  }
}
