package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import phaistos.checker.CheckContext;
import phaistos.checker.Result;
import phaistos.checker.linearizability.Linearizability;
import phaistos.checker.linearizability.models.CasRegister;
import phaistos.checker.linearizability.models.Independent;
import phaistos.checker.linearizability.models.RegisterCall;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;
import phaistos.workloads.Completion;
import phaistos.workloads.Transactor;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;
import phaistos.workloads.journal.Sql;

/**
 * Tables are created with a row, emptied, dropped and read: {@code :create [k 7]}, {@code :replace
 * [k 8]}, {@code :drop [k nil]}, {@code :read [k nil]}; {@code :undone [k 9]} creates one and rolls
 * back. A table is a register: nil while there is none, and it is linearizable. TRUNCATE is not
 * safe for older snapshots, as PostgreSQL documents: with a snapshot a replace deletes instead.
 */
public final class Ddl {
  public static final String NAME = "ddl";

  private static final int OPERATIONS_OF_A_GROUP = 90;
  private static final int TABLES_OF_A_GROUP = 3;
  private static final int TABLES = 24;

  private Ddl() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    List<String> statements = new ArrayList<>();
    for (int i = 0; i < TABLES; i++) {
      statements.add("drop table if exists ddl_" + i);
    }
    return JournaledWorkload.of(
            NAME, cluster, options, statements, Ddl::invoke, (_, seed, n) -> draw(seed, n))
        .checker("tables", OwedOnly.of(Ddl::check))
        .claim("every table is linearizable, whole with its row or not there");
  }

  private static UntypedCall draw(Seed seed, long n) {
    long group = n / OPERATIONS_OF_A_GROUP % (TABLES / TABLES_OF_A_GROUP);
    long table = group * TABLES_OF_A_GROUP + seed.child("table").drawInt(TABLES_OF_A_GROUP);
    Edn key = Edn.of(table);
    return switch (seed.child("f").drawInt(8)) {
      case 0, 1 -> Calls.of("create", Calls.pair(key, Edn.of(n)));
      case 2 -> Calls.of("drop", Calls.pair(key, Edn.NIL));
      case 3 -> Calls.of("replace", Calls.pair(key, Edn.of(n)));
      case 4 -> Calls.of("undone", Calls.pair(key, Edn.of(n)));
      default -> Calls.of("read", Calls.pair(key, Edn.NIL));
    };
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    String table = "ddl_" + Calls.integer(Calls.key(call));
    boolean isSnapshot = access.options().isolation().isSnapshot();
    return access.write(
        call,
        sql -> {
          switch (call.name()) {
            case "create", "undone" -> create(sql, table, call);
            case "drop" -> sql.update("drop table " + table);
            case "replace" -> {
              sql.update((isSnapshot ? "delete from " : "truncate ") + table);
              sql.update("insert into " + table + " (value) values (?)", Calls.value(call));
            }
            default -> {
              Edn value = sql.value("select value from " + table).orElse(Edn.NIL);
              return Calls.of(
                  value instanceof Edn.Nil ? "read-nil" : "read",
                  Calls.pair(Calls.key(call), value));
            }
          }
          return call;
        });
  }

  private static void create(Sql sql, String table, UntypedCall call) throws SQLException {
    sql.update("create table " + table + " (value bigint)");
    sql.update("insert into " + table + " (value) values (?)", Calls.value(call));
    if (call.name().equals("undone")) {
      throw new Transactor.RolledBack("on purpose");
    }
  }

  private static Result check(History<UntypedCall> history, CheckContext context) {
    return Linearizability.of(new Independent<>(new CasRegister()))
        .withThreads(1)
        .check(history.map(Ddl::decode), context);
  }

  private static Independent.Call<RegisterCall> decode(UntypedCall call) {
    Edn value = Calls.value(call);
    RegisterCall decoded =
        switch (call.name()) {
          case "create", "undone" -> new RegisterCall.Cas(Edn.NIL, value);
          case "drop", "replace" -> new RegisterCall.Write(value);
          default -> RegisterCall.decode(new UntypedCall(call.f(), value));
        };
    return new Independent.Call<>(Calls.key(call), decoded);
  }
}
