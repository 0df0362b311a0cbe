package phaistos.nemesis;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Capability;

/** Every kind of fault there is, by domain and by name. */
public final class Faults {
  /** Kinds that act on one part of a system. */
  public record Domain(String name, List<FaultKind> kinds) {}

  public static final List<Domain> DOMAINS =
      List.of(
          new Domain("network", NetworkFaults.KINDS),
          new Domain("toxic", ToxicFaults.KINDS),
          new Domain("process", ProcessFaults.KINDS),
          new Domain("server process", ServerProcessFaults.KINDS),
          new Domain("server", ServerFaults.KINDS),
          new Domain("administration", ArchiveFaults.KINDS),
          new Domain("power", PowerFaults.KINDS),
          new Domain("disk", DiskFaults.KINDS),
          new Domain("damage", DamageFaults.KINDS),
          new Domain("clock", ClockFaults.KINDS),
          new Domain("message", MessageFaults.KINDS),
          new Domain("backend", BackendFaults.KINDS),
          new Domain("replication", ReplicationFaults.KINDS),
          new Domain("operator", OperatorFaults.KINDS));

  /** In the order of the domains. */
  public static final List<FaultKind> KINDS =
      DOMAINS.stream().flatMap(domain -> domain.kinds().stream()).toList();

  /** The kinds of a run for which none are named. */
  public static final List<String> USUAL = List.of("partition", "kill", "crash", "failover");

  private Faults() {}

  public static List<String> names() {
    return KINDS.stream().map(FaultKind::name).toList();
  }

  public static Optional<FaultKind> find(String name) {
    return KINDS.stream().filter(kind -> kind.name().equals(name)).findFirst();
  }

  /**
   * @throws IllegalArgumentException if there is none; names the kinds that exist
   */
  public static FaultKind kind(String name) {
    return find(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no kind of fault: " + name + " (there are " + names() + ")"));
  }

  /** Why a cluster cannot have this kind of fault; empty if it can. */
  public static Optional<String> objection(FaultKind kind, Capabilities capabilities) {
    List<String> reasons =
        kind.needs().stream()
            .sorted()
            .map(capabilities::objection)
            .flatMap(Optional::stream)
            .collect(Collectors.toList());
    return reasons.isEmpty()
        ? Optional.empty()
        : Optional.of(kind.name() + ": " + String.join("; ", reasons));
  }

  static boolean isEnd(String function) {
    return KINDS.stream().anyMatch(kind -> kind.end().equals(Optional.of(function)));
  }

  /** Why a capability is missing, as a whole sentence about the fault or trigger that needs it. */
  static Optional<String> objection(String what, Capability capability, Capabilities capabilities) {
    return capabilities.objection(capability).map(reason -> what + ": " + reason);
  }
}
