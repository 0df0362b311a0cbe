package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.jepsen.BankChecker;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
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
 * Money moves between accounts: {@code :transfer {:from 1 :to 2 :amount 5}}; {@code :read} gives
 * all balances. No account may be overdrawn, and the sum never changes, on any node. At READ
 * COMMITTED a read is one statement; with a snapshot it is one statement for each account.
 */
public final class Bank {
  public static final String NAME = "bank";

  private static final int ACCOUNTS = 8;
  private static final int BALANCE = 100;
  private static final int AMOUNT_MAX = 10;

  private Bank() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    List<String> statements =
        new ArrayList<>(Tables.fresh("accounts", "id bigint primary key, value bigint"));
    Set<Edn> accounts = new LinkedHashSet<>();
    for (int i = 0; i < ACCOUNTS; i++) {
      statements.add("insert into accounts (id, value) values (" + i + ", " + BALANCE + ")");
      accounts.add(Edn.of(i));
    }
    Optional<Edn> total = Optional.of(Edn.of(ACCOUNTS * BALANCE));
    return JournaledWorkload.of(
            NAME, cluster, options, statements, Bank::invoke, (_, seed, _) -> draw(seed))
        // the loss of a whole transfer does not change the total
        .checker(
            "bank",
            (history, context) ->
                new BankChecker(total, accounts, false)
                    .check(JournaledWorkload.withoutJournal(history), context))
        .claim("the sum of all balances never changes, and no account is overdrawn");
  }

  private static UntypedCall draw(Seed seed) {
    if (seed.child("f").drawInt(3) == 0) {
      return Calls.of("read", Edn.NIL);
    }
    int from = seed.child("from").drawInt(ACCOUNTS);
    int to = (from + 1 + seed.child("to").drawInt(ACCOUNTS - 1)) % ACCOUNTS;
    int amount = 1 + seed.child("amount").drawInt(AMOUNT_MAX);
    return Calls.of(
        "transfer", Calls.table("from", Edn.of(from), "to", Edn.of(to), "amount", Edn.of(amount)));
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    boolean isSnapshot = access.options().isolation().isSnapshot();
    return call.name().equals("read")
        ? access.read(call, sql -> Calls.with(call, balances(sql, isSnapshot)))
        : access.write(call, sql -> transfer(sql, call));
  }

  private static Edn balances(Sql sql, boolean oneByOne) throws SQLException {
    LinkedHashMap<Edn, Edn> balances = new LinkedHashMap<>();
    if (oneByOne) {
      for (int i = 0; i < ACCOUNTS; i++) {
        balances.put(Edn.of(i), Tables.get(sql, "accounts", Edn.of(i)));
      }
    } else {
      for (List<Edn> row : sql.rows("select id, value from accounts order by id")) {
        balances.put(row.get(0), row.get(1));
      }
    }
    return new Edn.Table(balances);
  }

  private static UntypedCall transfer(Sql sql, UntypedCall call) throws SQLException {
    Edn.Table asked = (Edn.Table) call.value();
    Edn amount = asked.get("amount");
    long taken =
        sql.update(
            "update accounts set value = value - ? where id = ? and value >= ?",
            amount,
            asked.get("from"),
            amount);
    if (taken == 0) {
      throw new Transactor.RolledBack("the balance is too low");
    }
    sql.update("update accounts set value = value + ? where id = ?", amount, asked.get("to"));
    return call;
  }
}
