package example;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.checker.durability.MarkerColumn;
import phaistos.cluster.Cluster;
import phaistos.harness.Deployment;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;
import phaistos.histories.Codec;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.History;
import phaistos.histories.Operation;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Generators;
import phaistos.workloads.AuditNeeds;
import phaistos.workloads.Completion;
import phaistos.workloads.JdbcClient;
import phaistos.workloads.Primary;
import phaistos.workloads.Transactor;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;

/** A set in a table: clients add elements while faults happen, and read all of them in the end. */
public final class SetWorkload {
  private static final UntypedCall READ = new UntypedCall(Edn.keyword("read"), Edn.NIL);

  static Workload<UntypedCall> create(Cluster cluster, WorkloadOptions options) {
    String create = "create table elements (element bigint primary key)";
    var adds =
        Generators.draw(
            options.seed(), (_, _, n) -> new UntypedCall(Edn.keyword("add"), Edn.of(n)));
    return Workload.of(
            "set",
            new JdbcClient<>(cluster, options.jdbc(), List.of(create), SetWorkload::invoke),
            Codec.untyped(),
            options.paced(adds))
        .finalGenerator(Workload.untilOkOnEachThread(READ))
        .checker("set", SetWorkload::check)
        .audit(new AuditNeeds.Markers(MarkerColumn.FIRST, Optional.of("read")));
  }

  /** Makes a call; the transactor says how it ended. */
  private static Completion<UntypedCall> invoke(Transactor transactor, UntypedCall call) {
    if (call.equals(READ)) {
      return transactor.read(call, (connection, _) -> new UntypedCall(call.f(), all(connection)));
    }
    return transactor.transaction(
        call,
        Details.builder().marker(call.value()),
        (connection, _) -> {
          try (Statement statement = connection.createStatement()) {
            statement.execute(
                "insert into elements values (" + EdnWriter.print(call.value()) + ")");
          }
          return call;
        });
  }

  private static Edn all(Connection connection) throws SQLException {
    List<Long> elements = Primary.queryLongs(connection, "select element from elements");
    return new Edn.Vector(elements.stream().map(Edn::of).toList());
  }

  private record Answer(Verdict verdict) implements Result {}

  /** Every element whose addition was acknowledged is in every read. */
  private static Answer check(History<UntypedCall> history, CheckContext context) {
    Set<Edn> added = new HashSet<>();
    Set<Edn> lost = new HashSet<>();
    int reads = 0;
    for (Operation<UntypedCall> operation : history.operations()) {
      if (operation.isOk() && operation.call().name().equals("add")) {
        added.add(operation.call().value());
      } else if (operation.isOk()) {
        List<Edn> read = operation.completion().orElseThrow().call().value().elements();
        Set<Edn> missing = new HashSet<>(added);
        missing.removeAll(new HashSet<>(read));
        lost.addAll(missing);
        reads++;
      }
    }
    if (!lost.isEmpty()) {
      return new Answer(new Verdict.Invalid(lost.size() + " acknowledged elements are lost"));
    }
    boolean isEmpty = reads == 0 || added.isEmpty();
    return new Answer(isEmpty ? new Verdict.Unknown("nothing was read") : Verdict.VALID);
  }

  static TestPlan plan(long seed) {
    return TestPlan.of("set", SetWorkload::create)
        .nemesis("partition", "kill", "crash", "failover")
        .timeLimit(Duration.ofSeconds(20))
        .seed(seed);
  }

  /** Runs the test on simulated nodes, or on containers where the first argument says so. */
  public static void main(String[] arguments) {
    String where = arguments.length == 0 ? "simulated" : arguments[0];
    TestResult result = plan(7).on(Deployment.named(where).orElseThrow()).run();
    result.firstScreen().forEach(System.out::println);
    System.exit(result.exitCode());
  }
}
