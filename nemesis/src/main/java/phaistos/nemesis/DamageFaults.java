package phaistos.nemesis;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ClusterException;
import phaistos.cluster.DiskDamage;
import phaistos.cluster.DiskDamage.Damage;
import phaistos.cluster.OneValue;
import phaistos.formats.Lsn;
import phaistos.formats.wal.WalLayout;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/**
 * Damage to files at an offset that an LSN or an xid gives, and syncs that lie. They take from a
 * node what it had made durable. So {@link FaultAtlas} says which nodes they may hit, unless {@code
 * :last-copy true} asks for every target. A node that was hit gets new files when the fault ends.
 */
public final class DamageFaults {
  private static final Properties LIMITS = OneValue.limits(1, 2, "phaistos-nemesis");
  private static final int PAGE_BYTES = 8192;

  /** Transactions on a page of the commit log, and pages in a segment file of it. */
  private static final long XIDS_PER_PAGE = 4L * PAGE_BYTES;

  private static final long PAGES_PER_SEGMENT = 32;
  private static final int TIMELINES_MAX = 64;

  /** Whether the node is killed, damaged while it is down, and started. */
  private static final String RESTART = "restart";

  static final FaultKind SYNC_LIE =
      NodeFault.kind(
          "sync-lie",
          "Syncs return and make nothing durable, for power cuts to show; counts when a sync had"
              + " something to make durable.",
          DiskFaults.COLOR,
          Optional.of("stop-sync-lie"),
          Set.of(Capability.DISK_DAMAGE),
          _ -> Edn.Table.EMPTY,
          value -> lastCopy(new EdnTable(), value).build(),
          DamageFaults::lie);

  static final FaultKind ZEROED_PAGE =
      damage(
          "zeroed-page",
          "A page of WAL or of the commit log reads as zeroes until it is written over; counts when"
              + " it was read.",
          DiskDamage.Kind.ZEROED);

  static final FaultKind TRUNCATED_FILE =
      damage(
          "truncated-file",
          "A file of WAL or of the commit log ends early; counts when what is missing was to be"
              + " read.",
          DiskDamage.Kind.TRUNCATED);

  static final FaultKind READ_ERROR =
      damage(
          "read-error",
          "A page of WAL or of the commit log cannot be read until it is written over; counts when"
              + " a read failed.",
          DiskDamage.Kind.READ_ERROR);

  static final FaultKind MISDIRECTED_WRITE =
      damage(
          "misdirected-write",
          "The next write to a page goes to the page behind it on the platter, which a power cut"
              + " shows; counts when there was one.",
          DiskDamage.Kind.MISDIRECTED_WRITE);

  static final List<FaultKind> KINDS =
      List.of(SYNC_LIE, ZEROED_PAGE, TRUNCATED_FILE, READ_ERROR, MISDIRECTED_WRITE);

  private DamageFaults() {}

  /** The files whose pages have a position. */
  enum File {
    WAL,
    COMMIT_LOG
  }

  /** A part of a file. */
  private record Place(String path, long offset) {}

  private static FaultKind damage(String name, String sentence, DiskDamage.Kind kind) {
    return NodeFault.lasting(
        name,
        sentence,
        DiskFaults.COLOR,
        Capability.DISK_DAMAGE,
        draw -> drawPlace(kind, draw),
        DamageFaults::readPlace,
        (site, nodes, parameters, seed) -> damage(site, nodes, parameters, kind));
  }

  /**
   * WAL is seldom read again but by a start, and the next write is to its last page. A node that
   * cannot read it does not start, so that this is left to other faults.
   */
  private static Edn.Table drawPlace(DiskDamage.Kind kind, Seed draw) {
    EdnTable place = new EdnTable().put("file", EdnValues.word(File.WAL));
    return switch (kind) {
      case ZEROED, TRUNCATED -> {
        place.put("back", draw.child("back").drawLong(16_000));
        yield (draw.child(RESTART).drawInt(4) > 0 ? place.put(RESTART, true) : place).build();
      }
      case READ_ERROR -> place.put("back", draw.child("back").drawLong(200_000)).build();
      case MISDIRECTED_WRITE -> place.put("back", draw.child("back").drawLong(2_000)).build();
    };
  }

  private static Edn.Table readPlace(Edn.Table value) {
    File file = EdnValues.word(value, "file", File.values());
    EdnTable table = new EdnTable().put("file", EdnValues.word(file));
    Optional<String> lsn = EdnValues.optionalText(value, "lsn");
    OptionalLong xid = EdnValues.optionalInteger(value, "xid");
    OptionalLong back = EdnValues.optionalInteger(value, "back");
    if ((file == File.WAL ? xid.isPresent() : lsn.isPresent())
        || (lsn.isPresent() || xid.isPresent()) == back.isPresent()) {
      throw new IllegalArgumentException(
          ":file :wal needs :lsn, :file :commit-log needs :xid, or either :back N from the last"
              + " one");
    }
    if (back.orElse(0) < 0 || xid.orElse(0) < 0) {
      throw new IllegalArgumentException(":back and :xid must not be negative");
    }
    lsn.ifPresent(text -> table.put("lsn", Positions.lsnText(Trigger.lsn(text))));
    xid.ifPresent(number -> table.put("xid", number));
    back.ifPresent(number -> table.put("back", number));
    return flag(RESTART, lastCopy(table, value), value).build();
  }

  private static EdnTable lastCopy(EdnTable table, Edn.Table value) {
    return flag("last-copy", table, value);
  }

  private static EdnTable flag(String name, EdnTable table, Edn.Table value) {
    return switch (value.get(name)) {
      case Edn.Nil _ -> table;
      case Edn.Bool(boolean isSet) -> isSet ? table.put(name, true) : table;
      default -> throw new IllegalArgumentException(":%s must be true or false".formatted(name));
    };
  }

  /** Those of the nodes that the atlas gives to the fault; it knows of them from now on. */
  private static List<NodeId> spoil(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, boolean mayRestart) {
    if (parameters.get("last-copy").equals(Edn.TRUE)) {
      return nodes;
    }
    List<NodeId> hit = site.operator().atlas().spare(nodes);
    site.operator().atlas().spoil(site.handle(), hit, mayRestart);
    return hit;
  }

  private static EdnTable hit(Fault.Site site, List<NodeId> nodes, List<NodeId> hit) {
    List<NodeId> spared = new ArrayList<>(nodes);
    spared.removeAll(hit);
    EdnTable table = new EdnTable().put("hit", hit);
    if (!spared.isEmpty()) {
      table.put("spared", spared);
    }
    return table;
  }

  /** What goes down with lost syncs does not come back with these files. */
  private static NodeFault.Going lie(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    Cluster cluster = site.cluster();
    DiskDamage disks = cluster.require(cluster.diskDamage(), Capability.DISK_DAMAGE);
    List<NodeId> hit = spoil(site, nodes, parameters, false);
    TreeMap<NodeId, Long> before = new TreeMap<>();
    TreeMap<NodeId, Long> lies = new TreeMap<>();
    hit.forEach(node -> before.put(node, disks.syncsThatLied(node)));
    site.state().trouble(site.handle(), hit, Trouble.SYNCS_LIE);
    return NodeFault.Going.measured(
        hit(site, nodes, hit),
        () -> {
          before.forEach((node, count) -> lies.put(node, disks.syncsThatLied(node) - count));
          site.operator().atlas().over(site.handle());
        },
        () -> effect("syncs-that-lied", lies));
  }

  private static NodeFault.Going damage(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, DiskDamage.Kind kind) {
    Cluster cluster = site.cluster();
    DiskDamage disks = cluster.require(cluster.diskDamage(), Capability.DISK_DAMAGE);
    List<NodeId> hit = spoil(site, nodes, parameters, true);
    TreeMap<NodeId, Damage> damages = new TreeMap<>();
    EdnTable places = new EdnTable();
    TreeMap<NodeId, Place> found = new TreeMap<>();
    for (NodeId node : hit) {
      unlessMissed(places, node, () -> found.put(node, place(site, node, parameters)));
    }
    TreeSet<NodeId> dead = new TreeSet<>();
    boolean restarts = parameters.get(RESTART).equals(Edn.TRUE);
    if (restarts) {
      site.state().kill(site.handle(), List.copyOf(found.keySet()));
    }
    found.forEach(
        (node, place) ->
            unlessMissed(
                places,
                node,
                () -> {
                  damages.put(node, begin(disks, node, place, kind));
                  places.put(node.name(), place.path + " " + place.offset);
                }));
    if (restarts) {
      site.state().unhold(site.handle());
      found.keySet().stream().filter(node -> !starts(site, node)).forEach(dead::add);
    }
    TreeMap<NodeId, Long> seen = new TreeMap<>();
    return NodeFault.Going.measured(
        hit(site, nodes, hit).put("places", places.build()),
        () -> {
          damages.forEach(
              (node, damage) -> seen.put(node, damage.seen() + (dead.contains(node) ? 1 : 0)));
          damages.values().forEach(Damage::repair);
          site.operator().atlas().over(site.handle());
        },
        () -> effect("seen", seen));
  }

  private interface Act {
    void run() throws IOException;
  }

  /** Does something to a place in a node's files, or notes why there is none. */
  private static void unlessMissed(EdnTable places, NodeId node, Act act) {
    try {
      act.run();
    } catch (IOException e) {
      places.put(node.name(), "missed: " + e.getMessage());
    }
  }

  /**
   * Starts a node. Without its last checkpoint's record it does not come: it stays down until the
   * fault ends, and then gets new files.
   */
  private static boolean starts(Fault.Site site, NodeId node) {
    if (site.state().isHeldDown(node)) {
      return true;
    }
    try {
      site.state().restart(node);
      return true;
    } catch (ClusterException _) {
      site.cluster().kill(node);
      site.state().holdDown(site.handle(), List.of(node));
      return false;
    }
  }

  private static Fault.Effect effect(String name, TreeMap<NodeId, Long> counts) {
    EdnTable each = new EdnTable();
    counts.forEach((node, count) -> each.put(node.name(), count));
    boolean any = counts.values().stream().anyMatch(count -> count > 0);
    return new Fault.Effect(any, new EdnTable().put(name, each.build()));
  }

  /** The path of a WAL place has "?" for its timeline: the newest that has the file. */
  private static Damage begin(DiskDamage disks, NodeId node, Place place, DiskDamage.Kind kind)
      throws IOException {
    if (!place.path.contains("?")) {
      return disks.damage(node, place.path, kind, place.offset, PAGE_BYTES);
    }
    IOException missing = new IOException("no such file: " + place.path);
    for (int timeline = TIMELINES_MAX; timeline > 0; timeline--) {
      String path = place.path.replace("?", "%08X".formatted(timeline));
      try {
        return disks.damage(node, path, kind, place.offset, PAGE_BYTES);
      } catch (IOException e) {
        missing = e;
      }
    }
    throw missing;
  }

  private static Place place(Fault.Site site, NodeId node, Edn.Table parameters)
      throws IOException {
    OptionalLong back = EdnValues.optionalInteger(parameters, "back");
    return switch (EdnValues.word(parameters, "file", File.values())) {
      case WAL -> {
        long lsn =
            back.isPresent()
                ? Math.max(0, position(site, node) - back.getAsLong())
                : Trigger.lsn(EdnValues.text(parameters, "lsn"));
        WalLayout layout = new WalLayout(segmentSize(site.cluster(), node));
        String name = layout.segmentName(0, new Lsn(lsn)).toString().substring(8);
        long offset = layout.segmentOffset(WalLayout.pageStart(new Lsn(lsn)));
        yield new Place("pg_wal/?" + name, offset);
      }
      case COMMIT_LOG -> {
        long xid =
            back.isPresent()
                ? Math.max(3, nextXid(site.cluster()) - 1 - back.getAsLong())
                : EdnValues.integer(parameters, "xid");
        long page = (xid & 0xFFFF_FFFFL) / XIDS_PER_PAGE;
        String path = "pg_xact/%04X".formatted(page / PAGES_PER_SEGMENT);
        yield new Place(path, page % PAGES_PER_SEGMENT * PAGE_BYTES);
      }
    };
  }

  private static long position(Fault.Site site, NodeId node) throws IOException {
    OptionalLong own = site.operator().positions().ofStandby(node);
    OptionalLong position = own.isPresent() ? own : site.operator().positions().current(node);
    return position.orElseThrow(() -> new IOException(node + " does not say how far its WAL is"));
  }

  private static long nextXid(Cluster cluster) throws IOException {
    return OneValue.ofRunning(cluster, cluster.primary(), "select pg_current_xact_id()", LIMITS)
        .map(Long::parseLong)
        .orElseThrow(() -> new IOException("the primary does not say its next transaction id"));
  }

  /** "1MB" or "16MB". */
  private static int segmentSize(Cluster cluster, NodeId node) throws IOException {
    return OneValue.ofRunning(cluster, node, "show wal_segment_size", LIMITS)
        .filter(text -> text.matches("[0-9]+MB"))
        .map(text -> Integer.parseInt(text.substring(0, text.length() - 2)) << 20)
        .orElseThrow(() -> new IOException(node + " does not say its wal_segment_size"));
  }
}
