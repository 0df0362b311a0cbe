package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.OneValue;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/** Physical replication slots: made, used, forgotten, moved on, and lost under their standby. */
final class SlotFaults {
  private static final Properties LIMITS = OneValue.limits(1, 5, "phaistos-nemesis");
  private static final long SOON_NANOS = 5_000_000_000L;

  static final FaultKind SLOT =
      NodeFault.kind(
          "slot",
          "A physical replication slot of the primary: kept (nobody uses it, and WAL stays), moved"
              + " on to the present position, used by a standby, or lost under that standby, which"
              + " then gets no WAL until the end; counts when the server's own view of it says so.",
          "#9FC0AE",
          Optional.of("drop-slot"),
          Set.of(Capability.ADMINISTRATION),
          choice -> mode(Mode.values()[choice.drawInt(Mode.values().length)]),
          value -> mode(EdnValues.word(value, "mode", Mode.values())),
          SlotFaults::begin);

  /** What becomes of the slot. */
  enum Mode {
    KEEP,
    ADVANCE,
    USE,
    LOSE
  }

  private SlotFaults() {}

  private static Edn.Table mode(Mode mode) {
    return new EdnTable().put("mode", EdnValues.word(mode)).build();
  }

  private static NodeFault.Going begin(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    Mode mode = EdnValues.word(parameters, "mode", Mode.values());
    Cluster cluster = site.cluster();
    NodeId primary = cluster.primary();
    List<NodeId> standbys =
        nodes.stream()
            .filter(node -> !node.equals(primary) && cluster.state(node) == NodeState.UP)
            .toList();
    List<String> slots =
        mode == Mode.KEEP || mode == Mode.ADVANCE
            ? List.of(name(site, "kept"))
            : standbys.stream().map(node -> name(site, node.name())).toList();
    List<String> made = new ArrayList<>();
    for (String slot : slots) {
      String sql = "select slot_name from pg_create_physical_replication_slot('%s', true)";
      ask(cluster, primary, sql.formatted(slot)).ifPresent(_ -> made.add(slot));
    }
    TreeMap<String, String> seen = new TreeMap<>();
    switch (mode) {
      case KEEP, ADVANCE -> {}
      case USE, LOSE -> use(site, standbys, made, mode, seen);
    }
    Kept kept = new Kept(site, mode, primary, standbys, made, seen);
    return NodeFault.Going.measured(
        new EdnTable().put("primary", primary.name()).put("slots", texts(made)),
        kept::end,
        kept::effect);
  }

  /** Names of slots have lower-case letters, digits and underscores only. */
  private static String name(Fault.Site site, String of) {
    return "phaistos_" + site.handle().name().toLowerCase().replaceAll("[^a-z0-9]", "_") + "_" + of;
  }

  private static Edn.Vector texts(List<String> all) {
    return new Edn.Vector(all.stream().<Edn>map(Edn::of).toList());
  }

  /** Each standby streams by its own slot; lost ones are dropped as soon as that is so. */
  private static void use(
      Fault.Site site,
      List<NodeId> standbys,
      List<String> made,
      Mode mode,
      TreeMap<String, String> seen) {
    Cluster cluster = site.cluster();
    NodeId primary = cluster.primary();
    for (NodeId node : standbys) {
      String slot = name(site, node.name());
      if (!made.contains(slot)) {
        continue;
      }
      site.state().settings.hold(site.handle(), node, Map.of("primary_slot_name", slot));
      if (Soon.is(cluster, SOON_NANOS, () -> isActive(cluster, primary, slot))) {
        seen.put(slot, "active");
        if (mode == Mode.LOSE
            && Soon.is(cluster, SOON_NANOS, () -> isLost(cluster, primary, slot))) {
          seen.put(slot, "lost");
        }
      }
    }
  }

  private static boolean isActive(Cluster cluster, NodeId primary, String slot) {
    return ask(
            cluster,
            primary,
            "select active from pg_replication_slots where slot_name = '%s'".formatted(slot))
        .filter(text -> text.startsWith("t"))
        .isPresent();
  }

  /** A slot in use cannot be dropped: its walsender ends first. */
  private static boolean isLost(Cluster cluster, NodeId primary, String slot) {
    ask(
        cluster,
        primary,
        "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '%s'"
            .formatted(slot));
    ask(cluster, primary, drop(slot));
    return ask(
            cluster,
            primary,
            "select count(*) from pg_replication_slots where slot_name = '%s'".formatted(slot))
        .equals(Optional.of("0"));
  }

  private static String drop(String slot) {
    return "select pg_drop_replication_slot(slot_name) from pg_replication_slots"
        + " where slot_name = '%s' and not active".formatted(slot);
  }

  private static Optional<String> ask(Cluster cluster, NodeId node, String sql) {
    return OneValue.ofRunning(cluster, node, sql, LIMITS);
  }

  /**
   * Slots that have begun.
   *
   * @param seen what the server's view showed, by the names of the slots
   */
  private record Kept(
      Fault.Site site,
      Mode mode,
      NodeId primary,
      List<NodeId> standbys,
      List<String> made,
      TreeMap<String, String> seen) {

    /** A slot stays behind on a node that is down, and is none of the cluster's business there. */
    void end() {
      Cluster cluster = site.cluster();
      site.state().settings.release(site.handle()::equals);
      for (String slot : made) {
        kept(slot).ifPresent(bytes -> seen.put(slot, bytes));
        if (mode == Mode.ADVANCE) {
          advanced(slot).ifPresent(bytes -> seen.put(slot, bytes));
        }
        Soon.is(
            cluster,
            SOON_NANOS,
            () -> cluster.state(primary) != NodeState.UP || isLost(cluster, primary, slot));
      }
    }

    /** The bytes of WAL that a slot nobody uses keeps. */
    private Optional<String> kept(String slot) {
      return mode != Mode.KEEP
          ? Optional.empty()
          : ask(
              site.cluster(),
              primary,
              ("select pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint"
                      + " from pg_replication_slots where slot_name = '%s'"
                      + " and restart_lsn < pg_current_wal_lsn()")
                  .formatted(slot));
    }

    /** By how many bytes a slot was moved on. */
    private Optional<String> advanced(String slot) {
      return ask(
          site.cluster(),
          primary,
          ("select pg_wal_lsn_diff(end_lsn, restart_lsn)::bigint from pg_replication_slots s,"
                  + " lateral pg_replication_slot_advance(s.slot_name, pg_current_wal_flush_lsn())"
                  + " where s.slot_name = '%s' and restart_lsn < pg_current_wal_flush_lsn()")
              .formatted(slot));
    }

    Fault.Effect effect() {
      String sign = mode == Mode.USE ? "active" : mode == Mode.LOSE ? "lost" : "";
      boolean isEffective =
          sign.isEmpty() ? !seen.isEmpty() : seen.values().stream().anyMatch(sign::equals);
      EdnTable table = new EdnTable();
      seen.forEach((slot, what) -> table.put(slot, what));
      return new Fault.Effect(isEffective, new EdnTable().put("seen", table.build()));
    }
  }
}
