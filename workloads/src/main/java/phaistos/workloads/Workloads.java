package phaistos.workloads;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import phaistos.workloads.catalogue.Aborts;
import phaistos.workloads.catalogue.Bank;
import phaistos.workloads.catalogue.Cancel;
import phaistos.workloads.catalogue.CausalReverse;
import phaistos.workloads.catalogue.Counter;
import phaistos.workloads.catalogue.Ddl;
import phaistos.workloads.catalogue.DirtyRead;
import phaistos.workloads.catalogue.Levels;
import phaistos.workloads.catalogue.ListAppend;
import phaistos.workloads.catalogue.LongFork;
import phaistos.workloads.catalogue.Monotonic;
import phaistos.workloads.catalogue.PredicateG2;
import phaistos.workloads.catalogue.Queue;
import phaistos.workloads.catalogue.Register;
import phaistos.workloads.catalogue.Reload;
import phaistos.workloads.catalogue.RwRegister;
import phaistos.workloads.catalogue.Savepoints;
import phaistos.workloads.catalogue.SetOfElements;
import phaistos.workloads.catalogue.StandbyReads;
import phaistos.workloads.catalogue.UniqueIds;
import phaistos.workloads.catalogue.WriteSkew;
import phaistos.workloads.commits.Commits;

/** The workloads that the command line knows by name. */
public final class Workloads {
  private static final List<Entry> ALL =
      List.of(
          entry(
              Commits.NAME,
              "transactions insert unique values, some roll back on purpose",
              Commits::workload),
          entry(
                  Register.NAME,
                  "registers are read, written and compared-and-set",
                  Register::workload)
              .reading(),
          entry(ListAppend.NAME, "transactions append to lists and read them", ListAppend::workload)
              .reading(),
          entry(RwRegister.NAME, "transactions write registers and read them", RwRegister::workload)
              .reading(),
          entry(Bank.NAME, "money moves between accounts", Bank::workload).reading(),
          entry(
                  SetOfElements.NAME,
                  "elements are added to a set, which is read all the time",
                  SetOfElements::workload)
              .reading(),
          entry(Counter.NAME, "all clients add to one row", Counter::workload),
          entry(UniqueIds.NAME, "ids of a serial column", UniqueIds::workload),
          entry(LongFork.NAME, "keys are written once and read in groups", LongFork::workload)
              .reading(),
          entry(Monotonic.NAME, "rows are inserted in turns", Monotonic::workload),
          entry(
                  CausalReverse.NAME,
                  "rows are inserted one by one and read together",
                  CausalReverse::workload)
              .reading(),
          entry(
              PredicateG2.NAME,
              "pairs of transactions look for each other's row",
              PredicateG2::workload),
          entry(WriteSkew.NAME, "of each pair one must stay on call", WriteSkew::workload)
              .reading(),
          entry(
                  DirtyRead.NAME,
                  "several rows get one value, or are rolled back",
                  DirtyRead::workload)
              .reading(),
          entry(Queue.NAME, "rows are taken with SKIP LOCKED", Queue::workload),
          entry(StandbyReads.NAME, "every node is read in turn", StandbyReads::workload),
          entry(Levels.NAME, "every transaction draws its synchronous_commit", Levels::workload),
          entry(Cancel.NAME, "waits for standbys end early", Cancel::workload),
          entry(Savepoints.NAME, "transactions with subtransactions", Savepoints::workload)
              .reading(),
          entry(
              Aborts.NAME,
              "blocks fail, are rolled back, mended, or left by their client",
              Aborts::workload),
          entry(Reload.NAME, "the standbys' names change under load", Reload::workload),
          entry(Ddl.NAME, "tables are created, emptied and dropped", Ddl::workload));

  private Workloads() {}

  /**
   * One of them.
   *
   * @param sentence what its clients do
   * @param readsAnywhere whether its reads can go to other nodes than the primary
   */
  public record Entry(
      String name, String sentence, WorkloadFactory factory, boolean readsAnywhere) {
    private Entry reading() {
      return new Entry(name, sentence, factory, true);
    }
  }

  private static Entry entry(String name, String sentence, WorkloadFactory factory) {
    return new Entry(name, sentence, factory, false);
  }

  public static List<Entry> all() {
    return ALL;
  }

  /** What makes one of them, or several at once. */
  public static WorkloadFactory factory(List<Entry> entries) {
    return entries.size() == 1 ? entries.getFirst().factory : CombinedWorkload.of(entries);
  }

  /** The same, but even one alone bears its name in front of its functions, as beside others. */
  public static WorkloadFactory combined(List<Entry> entries) {
    return CombinedWorkload.of(entries);
  }

  /**
   * The same by names.
   *
   * @throws IllegalArgumentException naming one that there is not
   */
  public static WorkloadFactory combined(String... names) {
    return combined(
        Arrays.stream(names)
            .map(
                name ->
                    named(name)
                        .orElseThrow(() -> new IllegalArgumentException("no workload: " + name)))
            .toList());
  }

  public static Optional<Entry> named(String name) {
    return ALL.stream().filter(entry -> entry.name.equals(name)).findFirst();
  }
}
