package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.Stream;
import phaistos.cluster.Links;
import phaistos.cluster.OneValue;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/** WAL that arrives slowly. */
public final class SlowLinkFaults {
  private static final Properties LIMITS = OneValue.limits(1, 2, "phaistos-nemesis");

  /**
   * In kilobytes a second; the load of a run writes some hundred. A walsender puts up to 128 kB
   * into a message (MAX_SEND_SIZE, walsender.c), which a walreceiver writes once it has all of it.
   */
  private static final long[] SPEEDS = {10, 20, 50, 100, 200, 400};

  /** Less than this is what a fast link has under way, too. */
  private static final long BEHIND_BYTES_MIN = 65_536;

  static final FaultKind SLOW_LINK =
      NodeFault.kind(
          "slow-link",
          "So many kilobytes a second at most from any other node to a standby; counts when that"
              + " was 64 kB of WAL behind its primary in the end.",
          "#C8C0B0",
          Optional.of("unslow-link"),
          Set.of(Capability.SLOW_LINK, Capability.CUT),
          choice -> kilobytes(SPEEDS[choice.drawInt(SPEEDS.length)]),
          value -> kilobytes(EdnValues.positive(value, "kilobytes")),
          SlowLinkFaults::begin);

  private SlowLinkFaults() {}

  /**
   * WAL arrives slowly at some nodes; where that is the primary, at a standby, drawn.
   *
   * @param kilobytes a second
   */
  public static Fault slowLink(NodeSpec target, long kilobytes, long seed) {
    return NodeFault.of(SLOW_LINK, target, new EdnTable().put("kilobytes", kilobytes), seed);
  }

  private static Edn.Table kilobytes(long perSecond) {
    return new EdnTable().put("kilobytes", perSecond).build();
  }

  /** A primary receives no WAL: a standby, drawn, is in its place. */
  private static List<NodeId> standbys(Fault.Site site, List<NodeId> nodes, Seed seed) {
    List<NodeId> all = new ArrayList<>(site.cluster().nodes());
    all.remove(site.cluster().primary());
    List<NodeId> asked = nodes.stream().filter(all::contains).toList();
    return asked.isEmpty() ? List.of(all.get(seed.drawInt(all.size()))) : asked;
  }

  private static NodeFault.Going begin(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    List<NodeId> standbys = standbys(site, nodes, seed);
    Links links = site.cluster().require(site.cluster().links(), Capability.CUT);
    List<Stream> streams =
        links.streams().stream()
            .filter(stream -> !stream.toTarget())
            .filter(stream -> stream.dialer().filter(standbys::contains).isPresent())
            .toList();
    site.state().slow.hold(site.handle(), streams, EdnValues.positive(parameters, "kilobytes"));
    long[] behind = {-1};
    return NodeFault.Going.measured(
        new EdnTable().put("standbys", standbys),
        () -> {
          if (behind[0] < 0) {
            behind[0] = standbys.stream().mapToLong(node -> behind(site, node)).max().orElse(0);
          }
        },
        () ->
            new Fault.Effect(
                behind[0] >= BEHIND_BYTES_MIN, new EdnTable().put("behind-bytes", behind[0])));
  }

  /** By how much WAL a standby is behind; 0 if it does not stream. */
  private static long behind(Fault.Site site, NodeId standby) {
    String sql =
        "select pg_wal_lsn_diff(pg_current_wal_lsn(), write_lsn)::bigint from pg_stat_replication"
            + " where application_name = '"
            + standby
            + "'";
    return OneValue.ofRunning(site.cluster(), site.cluster().primary(), sql, LIMITS)
        .map(Long::parseLong)
        .orElse(0L);
  }
}
