package phaistos.nemesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static phaistos.nemesis.InventedCluster.N1;
import static phaistos.nemesis.InventedCluster.N2;
import static phaistos.nemesis.InventedCluster.N3;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.cluster.Cluster.NodeState;
import phaistos.environment.SystemDisk;
import phaistos.environment.SystemEnvironment;
import phaistos.histories.generators.Seed;

/** Which nodes a fault may spoil: n1 is primary, n2 and n3 are its standbys. */
class FaultAtlasTest {
  private static final Handle A = new Handle("a");

  @TempDir private Path folder;
  private InventedCluster cluster;
  private Operator operator;

  private FaultAtlas atlas(int required) {
    cluster =
        new InventedCluster(SystemEnvironment.of("test", new SystemDisk(folder), 1, (_, _) -> {}));
    operator = new Operator(cluster, required, 300_000_000L);
    return operator.atlas();
  }

  @Test
  void whereOneStandbyIsEnoughNoneMayBeSpoiled() {
    FaultAtlas atlas = atlas(1);
    assertEquals(List.of(), atlas.spare(List.of(N1, N2, N3)));
    assertTrue(atlas.isLastCopy(List.of(N2)));
    assertFalse(atlas.isLastCopy(List.of()));
  }

  @Test
  void whereTwoAreNeededOneMayBeSpoiledAndNeverThePrimary() {
    FaultAtlas atlas = atlas(2);
    assertEquals(List.of(), atlas.spare(List.of(N1)));
    assertEquals(List.of(N2), atlas.spare(List.of(N1, N2, N3)));
    atlas.spoil(A, List.of(N2), true);
    assertEquals(List.of(), atlas.spare(List.of(N3)), "n2 is spoiled already");
    assertTrue(atlas.isLastCopy(List.of(N3)));
    assertFalse(atlas.isLastCopy(List.of(N2)), "it is spoiled already");
  }

  @Test
  void aSpoiledNodeIsNeitherAskedNorPromoted() {
    FaultAtlas atlas = atlas(2);
    cluster.position.put(N2, 9_000L);
    atlas.spoil(A, List.of(N2), true);
    TakeOver report = operator.failover(Operator.Policy.SAFE, new Seed(1));
    assertEquals(N3, report.next().orElseThrow());
    assertFalse(report.heard().containsKey(N2));
    assertEquals(List.of(N2), report.leftOut());
  }

  @Test
  void aSpoiledNodeGetsNewFilesWhenTheFaultEnds() {
    FaultAtlas atlas = atlas(2);
    atlas.spoil(A, List.of(N2), true);
    operator.state().settle();
    assertEquals(List.of(), cluster.acts, "the fault has not ended");
    atlas.over(A);
    assertTrue(atlas.isSpoiled(N2));
    operator.state().settle();
    assertEquals(List.of("rejoin n2 n1"), cluster.acts);
    assertFalse(atlas.isSpoiled(N2));
    assertEquals(List.of(N2), atlas.spare(List.of(N2)));
  }

  @Test
  void aNodeWhoseSyncsLiedDoesNotComeBackWithItsFiles() {
    FaultAtlas atlas = atlas(2);
    atlas.spoil(A, List.of(N2), false);
    cluster.kill(N2);
    operator.state().settle();
    assertEquals(NodeState.DOWN, cluster.state(N2));
    atlas.over(A);
    operator.state().settle();
    assertEquals("rejoin n2 n1", cluster.acts.getLast());
  }

  @Test
  void aNodeWithADamagedFileMayStartToReadIt() {
    FaultAtlas atlas = atlas(2);
    atlas.spoil(A, List.of(N2), true);
    cluster.kill(N2);
    operator.state().settle();
    assertEquals("restart n2", cluster.acts.getLast());
  }
}
