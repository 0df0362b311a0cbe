package phaistos.harness.run;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import phaistos.checker.durability.ImageKind;
import phaistos.checker.durability.NodeImage;
import phaistos.cluster.Administration;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.NodeId;
import phaistos.formats.DataDirectory;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Handle;
import phaistos.nemesis.Nemesis;
import phaistos.nemesis.Operator;
import phaistos.nemesis.TakeOver;

/**
 * The end of a run's load, as two acts of the nemesis. {@code crash-all}: under load, all nodes are
 * killed at the same instant, and an image of each without unsynced writes is taken; all unsynced
 * writes are lost for good. Where the cluster cannot lose them, the image is of the files as they
 * are. {@code replay}: the primary is lost too. The standbys replay what they have, and the
 * operator promotes the most advanced one. In half of a swarm's runs all nodes recover from their
 * own files, and the primary stays. In real time a swarm loses as many standbys with the primary as
 * the promise of its commits allows.
 */
public final class CrashAudit implements Nemesis {
  public static final String CRASH_ALL = "crash-all";
  public static final String REPLAY = "replay";
  private static final Handle LOST = new Handle("lost-for-good");

  /** In the result of the replay: standbys that were lost with the primary, and those left. */
  public static final String LOST_NODES = "lost";

  public static final String LEFT_NODES = "left";

  /** The same: why no standby was promoted. */
  public static final String REFUSED = "refused";

  /** In the result of the crash: nodes whose files a fault had spoiled; there are no images. */
  public static final String SPOILED = "spoiled";

  /** The same of nodes that were second primaries. */
  public static final String ASIDE = "aside";

  private final Cluster cluster;
  private final Operator operator;
  private final Seed seed;
  private final boolean isSwarm;
  private final boolean isAsynchronous;
  private final int standbysLost;
  private final List<NodeImage> images = new ArrayList<>();
  private final TreeMap<NodeId, Long> far = new TreeMap<>();

  /**
   * @param isSwarm whether the seed may choose a step of the server for the crash, what is lost,
   *     and whether the primary recovers or a standby takes over
   * @param isAsynchronous whether commits may be told of before they are flushed
   * @param standbysLost how many standbys may be lost with the primary for good: so many that one
   *     is left which must have every acknowledged commit
   */
  CrashAudit(
      Cluster cluster,
      Operator operator,
      Seed seed,
      boolean isSwarm,
      boolean isAsynchronous,
      int standbysLost) {
    this.cluster = cluster;
    this.operator = operator;
    this.seed = seed;
    this.isSwarm = isSwarm;
    this.isAsynchronous = isAsynchronous;
    this.standbysLost = standbysLost;
  }

  /** The images after the crash; empty if there was no crash. */
  List<NodeImage> images() {
    return List.copyOf(images);
  }

  @Override
  public Set<String> functions() {
    return Set.of(CRASH_ALL, REPLAY);
  }

  @Override
  public void setup() {
    images.clear();
  }

  @Override
  public void teardown() {
    images.clear();
  }

  @Override
  public UntypedCall invoke(UntypedCall call) {
    return new UntypedCall(call.f(), call.name().equals(CRASH_ALL) ? crashAll() : replay());
  }

  private Edn crashAll() {
    NodeId primary = cluster.primary();
    if (isSwarm) {
      Ending.awaitStep(cluster, isAsynchronous, seed.child("step"));
    }
    lookHowFar();
    cluster.killAll();
    List<NodeImage> all = new ArrayList<>();
    all.addAll(
        cluster.power().isPresent()
            ? imagesOf(cluster, primary, Cluster.ImageKind.SYNCED_ONLY, ImageKind.SYNCED_ONLY)
            : imagesOf(cluster, primary, Cluster.ImageKind.AS_IS, ImageKind.WRITTEN));
    List<NodeId> spoiled = cluster.nodes().stream().filter(operator::isSpoiled).toList();
    List<NodeId> aside = cluster.nodes().stream().filter(operator::isAside).toList();
    // of a simulated disk another image costs nothing
    if (cluster.power().isPresent() && cluster.steps().isPresent()) {
      all.replaceAll(
          image -> image.withWritten(imageOf(cluster, image.name(), Cluster.ImageKind.AS_IS)));
    }
    all.removeIf(image -> spoiled.contains(new NodeId(image.name())));
    all.removeIf(image -> aside.contains(new NodeId(image.name())));
    images.addAll(all);
    Map<Edn, Edn> lost = new LinkedHashMap<>();
    CrashMode mode = mode(seed.child("mode"));
    long total = 0;
    for (NodeId node : cluster.power().isPresent() ? cluster.nodes() : List.<NodeId>of()) {
      long own = seed.child(node.name()).draw();
      long bytes = cluster.power().orElseThrow().crash(node, mode, own).unsyncedBytesLost();
      lost.put(Edn.keyword(node.name()), Edn.of(bytes));
      total += bytes;
    }
    LinkedHashMap<Edn, Edn> value = new LinkedHashMap<>();
    value.put(Edn.keyword("primary"), Edn.of(primary.name()));
    if (cluster.power().isPresent()) {
      value.put(
          Edn.keyword("mode"), Edn.keyword(mode.name().toLowerCase(Locale.ROOT).replace('_', '-')));
    }
    put(value, SPOILED, spoiled);
    put(value, ASIDE, aside);
    value.put(Edn.keyword("unsynced-bytes-lost"), new Edn.Table(new LinkedHashMap<>(lost)));
    value.put(Edn.keyword("unsynced-bytes-lost-total"), Edn.of(total));
    return new Edn.Table(value);
  }

  private static void put(Map<Edn, Edn> value, String name, List<NodeId> nodes) {
    if (!nodes.isEmpty()) {
      List<Edn> names = nodes.stream().<Edn>map(node -> Edn.of(node.name())).toList();
      value.put(Edn.keyword(name), new Edn.Vector(names));
    }
  }

  /**
   * What the disks lose for good. The images are of files without any unsynced write, so that in a
   * swarm all is lost in one of four runs only, and half of them tear pages.
   */
  private CrashMode mode(Seed draw) {
    return switch (isSwarm ? draw.drawInt(4) : 0) {
      case 0 -> CrashMode.ALL_LOST;
      case 1 -> CrashMode.SOME_LOST;
      default -> CrashMode.TORN;
    };
  }

  private Edn replay() {
    operator.state().releaseAll();
    if (isSwarm && standbysLost == 0 && seed.child("restart").drawInt(2) == 0) {
      operator.restartAll();
      LinkedHashMap<Edn, Edn> value = new LinkedHashMap<>();
      value.put(Edn.keyword("restarted"), Edn.of(cluster.primary().name()));
      return new Edn.Table(value);
    }
    List<NodeId> lost = lostForGood();
    operator.state().holdDown(LOST, lost);
    List<NodeId> left = new ArrayList<>(cluster.nodes());
    left.remove(cluster.primary());
    left.removeAll(lost);
    boolean isAlone = !lost.isEmpty() && startAlone(left);
    TakeOver report = operator.failover(Operator.Policy.SAFE, seed.child("replay"));
    LinkedHashMap<Edn, Edn> value = new LinkedHashMap<>();
    if (!lost.isEmpty()) {
      put(value, LOST_NODES, lost);
      put(value, LEFT_NODES, left);
      value.put(Edn.keyword("alone"), isAlone ? Edn.TRUE : Edn.FALSE);
    }
    value.put(Edn.keyword("from"), Edn.of(report.former().name()));
    value.put(Edn.keyword("primary"), Edn.of(cluster.primary().name()));
    report.refused().ifPresent(why -> value.put(Edn.keyword(REFUSED), Edn.of(why)));
    return new Edn.Table(value);
  }

  /**
   * In half of the runs those that are left know of no primary, as under a failover manager without
   * a leader; in the others they go on asking the one that is lost.
   */
  private boolean startAlone(List<NodeId> left) {
    Optional<Administration> administration = cluster.administration();
    if (administration.isEmpty() || seed.child("alone").drawInt(2) == 0) {
      return false;
    }
    left.forEach(node -> administration.get().set(node, Map.of("primary_conninfo", "")));
    return true;
  }

  /**
   * Those that have not joined the primary are lost, then those that had most, or any, as the seed
   * says: what is left must do. None is lost if the operator would not know whom to promote.
   */
  private List<NodeId> lostForGood() {
    Seed draw = seed.child("lost");
    Comparator<Map.Entry<NodeId, Long>> next =
        draw.drawInt(2) == 0
            ? Map.Entry.<NodeId, Long>comparingByValue().reversed()
            : Comparator.comparingLong(e -> draw.child(e.getKey().name()).draw());
    List<NodeId> order =
        far.entrySet().stream()
            .sorted(
                Comparator.comparing((Map.Entry<NodeId, Long> e) -> operator.isCurrent(e.getKey()))
                    .thenComparing(next))
            .map(Map.Entry::getKey)
            .toList();
    int lost = Math.min(standbysLost, order.size());
    boolean isKnown = order.stream().skip(lost).anyMatch(operator::isCurrent);
    return isKnown ? order.subList(0, lost) : List.of();
  }

  /** How far each standby says it is; one that does not say it counts as far. */
  private void lookHowFar() {
    for (NodeId node : cluster.nodes()) {
      if (standbysLost > 0 && !node.equals(cluster.primary())) {
        far.put(node, operator.position(node).orElse(Long.MAX_VALUE));
      }
    }
  }

  /** Images of all nodes, which are down. */
  static List<NodeImage> imagesOf(
      Cluster cluster, NodeId primary, Cluster.ImageKind of, ImageKind meaning) {
    List<NodeImage> images = new ArrayList<>();
    for (NodeId node : cluster.nodes()) {
      NodeImage.Role role = node.equals(primary) ? NodeImage.Role.PRIMARY : NodeImage.Role.STANDBY;
      images.add(new NodeImage(node.name(), role, meaning, imageOf(cluster, node.name(), of)));
    }
    return images;
  }

  private static DataDirectory imageOf(Cluster cluster, String node, Cluster.ImageKind of) {
    return cluster.require(cluster.images(), Capability.IMAGES).image(new NodeId(node), of);
  }
}
