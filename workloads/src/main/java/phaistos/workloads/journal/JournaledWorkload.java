package phaistos.workloads.journal;

import java.util.List;
import phaistos.cluster.Cluster;
import phaistos.histories.Codec;
import phaistos.histories.Edn;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;

/** Puts together a workload whose transactions write the journal. */
public final class JournaledWorkload {
  private JournaledWorkload() {}

  /**
   * A workload with the journal's final reads, checker and audit.
   *
   * @param statements create the workload's tables
   * @param load which call comes next; {@code n} counts them
   */
  public static Workload<UntypedCall> of(
      String name,
      Cluster cluster,
      WorkloadOptions options,
      List<String> statements,
      JournaledClient.Calls calls,
      Generators.Draw<UntypedCall> load) {
    JournaledClient client = new JournaledClient(name, cluster, options, statements, calls);
    return Workload.of(
            name,
            client,
            Codec.untyped(),
            options.paced(Generators.draw(options.seed().child("load"), load)))
        .finalGenerator(finalReads(cluster))
        .checker("journal", new JournalChecker(name))
        .audit(Journal.AUDIT);
  }

  private static Generator<UntypedCall> finalReads(Cluster cluster) {
    UntypedCall read = new UntypedCall(Edn.keyword(Journal.FINAL_READ), Edn.NIL);
    return Generators.phases(
        Workload.untilOkOnEachThread(read),
        Generators.concat(
            cluster.nodes().stream().map(node -> Generators.call(StandbyRead.of(node))).toList()));
  }

  /** A history without the reads of the journal: what the workload's own checkers judge. */
  public static History<UntypedCall> withoutJournal(History<UntypedCall> history) {
    return History.of(
        history.events().stream().filter(event -> !Journal.isRead(event.call())).toList());
  }
}
