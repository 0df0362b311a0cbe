package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ReplicationMessages;
import phaistos.cluster.ReplicationMessages.Disturbance;
import phaistos.cluster.ReplicationMessages.Kind;
import phaistos.cluster.ReplicationMessages.Selection;
import phaistos.cluster.ReplicationMessages.Treatment;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/** Faults of the messages of replication, by their meaning. */
public final class MessageFaults {
  private static final long MILLI = 1_000_000L;

  static final FaultKind MESSAGE =
      NodeFault.kind(
          "message",
          "Messages of replication that a node sends are held, delayed, dropped, duplicated or"
              + " reordered, by kind and WAL position (WAL is held or delayed only); counts by the"
              + " messages.",
          "#9FB8D9",
          Optional.of("stop-message"),
          Set.of(Capability.REPLICATION_MESSAGES),
          MessageFaults::draw,
          MessageFaults::read,
          MessageFaults::begin);

  static final List<FaultKind> KINDS = List.of(MESSAGE);

  private MessageFaults() {}

  private static Edn.Table draw(Seed choice) {
    Kind kind = Kind.values()[choice.child("kind").drawInt(2)];
    int treatments = kind == Kind.WAL ? 2 : Treatment.values().length;
    Treatment treatment = Treatment.values()[choice.child("treatment").drawInt(treatments)];
    return table(
        kind,
        treatment,
        1 + choice.child("every").drawInt(4),
        1 + choice.child("millis").drawLong(200),
        0);
  }

  private static Edn.Table read(Edn.Table value) {
    Kind kind = EdnValues.word(value, "message", Kind.values());
    Treatment treatment = EdnValues.word(value, "treatment", Treatment.values());
    if (kind == Kind.WAL && treatment != Treatment.HOLD && treatment != Treatment.DELAY) {
      throw new IllegalArgumentException(
          ":treatment: WAL can be held and delayed only, since TCP does not lose, repeat or reorder"
              + " it");
    }
    Optional<String> from = EdnValues.optionalText(value, "from-lsn");
    return table(
        kind,
        treatment,
        EdnValues.positive(value, "every"),
        EdnValues.positive(value, "millis"),
        from.map(Trigger::lsn).orElse(0L));
  }

  private static Edn.Table table(
      Kind kind, Treatment treatment, long every, long millis, long fromLsn) {
    return new EdnTable()
        .put("message", EdnValues.word(kind))
        .put("treatment", EdnValues.word(treatment))
        .put("every", every)
        .put("millis", millis)
        .put("from-lsn", fromLsn == 0 ? Optional.empty() : Optional.of(Positions.lsnText(fromLsn)))
        .build();
  }

  private static NodeFault.Going begin(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    ReplicationMessages messages =
        site.cluster()
            .require(site.cluster().replicationMessages(), Capability.REPLICATION_MESSAGES);
    List<Disturbance> disturbances = new ArrayList<>();
    for (NodeId node : nodes) {
      Selection selection =
          new Selection(
              EdnValues.word(parameters, "message", Kind.values()),
              Optional.of(node),
              EdnValues.positive(parameters, "every"),
              EdnValues.optionalText(parameters, "from-lsn").map(Trigger::lsn).orElse(0L));
      disturbances.add(
          messages.disturb(
              selection,
              EdnValues.word(parameters, "treatment", Treatment.values()),
              EdnValues.positive(parameters, "millis") * MILLI));
    }
    return NodeFault.Going.measured(
        new EdnTable(),
        () -> disturbances.forEach(Disturbance::end),
        () -> {
          long treated = disturbances.stream().mapToLong(Disturbance::treated).sum();
          return new Fault.Effect(treated > 0, new EdnTable().put("messages", treated));
        });
  }
}
