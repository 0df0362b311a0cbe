package phaistos.cluster.simulated;

import java.io.IOException;
import java.util.function.Function;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.DiskDamage;
import phaistos.simulator.FileDamage;
import phaistos.simulator.SimulatedDisk;

/** Damage to the disks of a simulated cluster. */
record SimulatedDiskDamage(Function<NodeId, SimulatedDisk> disks) implements DiskDamage {
  @Override
  public Damage damage(NodeId node, String path, Kind kind, long offset, long length)
      throws IOException {
    FileDamage damage = disks.apply(node).damage(path, kindOf(kind), offset, length);
    return new Damage() {
      @Override
      public long seen() {
        return damage.seen();
      }

      @Override
      public void repair() {
        damage.repair();
      }
    };
  }

  private static FileDamage.Kind kindOf(Kind kind) {
    return switch (kind) {
      case ZEROED -> FileDamage.Kind.ZEROED;
      case TRUNCATED -> FileDamage.Kind.TRUNCATED;
      case READ_ERROR -> FileDamage.Kind.READ_ERROR;
      case MISDIRECTED_WRITE -> FileDamage.Kind.MISDIRECTED_WRITE;
    };
  }

  @Override
  public void lieAboutSyncs(NodeId node, boolean lie) {
    disks.apply(node).lie(lie);
  }

  @Override
  public long syncsThatLied(NodeId node) {
    return disks.apply(node).syncsThatLied();
  }
}
