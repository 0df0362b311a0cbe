package phaistos.checker.linearizability.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.PersistentMap;
import phaistos.checker.linearizability.Step;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;

/**
 * All accounts of a bank as one object. In a history, as Jepsen's bank test has it: {@code
 * :transfer {:from a :to b :amount n}}, and {@code :read} with {@code {account balance}} in its ok
 * (nil: not known); a read may be of some accounts only. A balance may fall below zero; the checker
 * {@code bank} can forbid that.
 *
 * <p>If the balances at the start are not given, the first read of an account determines them.
 *
 * @param start the balance of each account at the start, an account that is not in it has 0; if
 *     empty they are not known
 */
public record Bank(Optional<PersistentMap<Edn, Long>> start)
    implements Model<PersistentMap<Edn, Bank.Account>, Bank.Call> {
  /** An account: its balance, or what was moved to it if its balance at the start is not known. */
  public record Account(boolean isKnown, long amount) {}

  /** A call on the bank. */
  public sealed interface Call {}

  public record Transfer(Edn from, Edn to, long amount) implements Call {}

  /** Empty where the balances are not known. */
  public record Read(Optional<PersistentMap<Edn, Long>> balances) implements Call {}

  @Override
  public PersistentMap<Edn, Account> initial() {
    List<PersistentMap<Edn, Account>> accounts = new ArrayList<>(List.of(PersistentMap.empty()));
    start.ifPresent(
        given ->
            given.forEach(
                (account, balance) ->
                    accounts.set(
                        0, accounts.getFirst().with(account, new Account(true, balance)))));
    return accounts.getFirst();
  }

  private Account at(PersistentMap<Edn, Account> bank, Edn account) {
    return bank.get(account).orElse(new Account(start.isPresent(), 0));
  }

  @Override
  public Step<PersistentMap<Edn, Account>> step(PersistentMap<Edn, Account> bank, Call call) {
    return switch (call) {
      case Transfer(Edn from, Edn to, long amount) ->
          Step.next(moved(moved(bank, from, -amount), to, amount));
      case Read(Optional<PersistentMap<Edn, Long>> balances) ->
          balances.map(seen -> read(bank, seen)).orElse(Step.next(bank));
    };
  }

  private PersistentMap<Edn, Account> moved(
      PersistentMap<Edn, Account> bank, Edn account, long amount) {
    Account before = at(bank, account);
    return bank.with(account, new Account(before.isKnown, before.amount + amount));
  }

  private Step<PersistentMap<Edn, Account>> read(
      PersistentMap<Edn, Account> bank, PersistentMap<Edn, Long> seen) {
    List<String> wrong = new ArrayList<>();
    List<PersistentMap<Edn, Account>> now = new ArrayList<>(List.of(bank));
    seen.forEach(
        (account, balance) -> {
          Account there = at(bank, account);
          if (!there.isKnown) {
            now.set(0, now.getFirst().with(account, new Account(true, balance)));
          } else if (there.amount != balance) {
            wrong.add(
                "account %s has %d, not %d"
                    .formatted(EdnWriter.print(account), there.amount, balance));
          }
        });
    wrong.sort(null);
    return wrong.isEmpty() ? Step.next(now.getFirst()) : Step.inconsistent(wrong.getFirst());
  }

  /** A read of an account whose balance was not known changes what is known. */
  @Override
  public boolean isObservation(Call call) {
    return call instanceof Read(Optional<PersistentMap<Edn, Long>> balances)
        && (start.isPresent() || balances.isEmpty());
  }

  @Override
  public String describe(Call call) {
    return switch (call) {
      case Transfer(Edn from, Edn to, long amount) ->
          "transfer %d from %s to %s".formatted(amount, EdnWriter.print(from), EdnWriter.print(to));
      case Read(Optional<PersistentMap<Edn, Long>> balances) ->
          "read " + balances.map(Bank::print).orElse("?");
    };
  }

  private static String print(PersistentMap<Edn, Long> balances) {
    List<String> parts = new ArrayList<>();
    balances.forEach((account, balance) -> parts.add(EdnWriter.print(account) + " " + balance));
    parts.sort(null);
    return "{" + String.join(", ", parts) + "}";
  }

  @Override
  public String describeState(PersistentMap<Edn, Account> bank) {
    List<String> parts = new ArrayList<>();
    bank.forEach(
        (account, there) ->
            parts.add(EdnWriter.print(account) + (there.isKnown ? " " : " ?+") + there.amount));
    parts.sort(null);
    return "{" + String.join(", ", parts) + "}";
  }

  /** From {@code {account balance}}. */
  static PersistentMap<Edn, Long> balances(Edn value) {
    if (!(value instanceof Edn.Table table)) {
      throw new IllegalArgumentException(
          "balances are a map from accounts to whole numbers, not " + EdnWriter.print(value));
    }
    PersistentMap<Edn, Long> balances = PersistentMap.empty();
    for (Map.Entry<Edn, Edn> entry : table.entries().entrySet()) {
      balances = balances.with(entry.getKey(), number(entry.getValue()));
    }
    return balances;
  }

  private static long number(Edn value) {
    if (value instanceof Edn.Int number) {
      return number.value();
    }
    throw new IllegalArgumentException("an amount is a whole number: " + EdnWriter.print(value));
  }

  static Call decode(UntypedCall call) {
    return switch (call.name()) {
      case "read" ->
          new Read(
              call.value() instanceof Edn.Nil
                  ? Optional.empty()
                  : Optional.of(balances(call.value())));
      case "transfer" -> {
        if (!(call.value() instanceof Edn.Table table)) {
          throw new IllegalArgumentException(
              "a transfer is {:from a :to b :amount n}, not " + EdnWriter.print(call.value()));
        }
        yield new Transfer(table.get("from"), table.get("to"), number(table.get("amount")));
      }
      default ->
          throw new IllegalArgumentException(
              "a bank knows :read and :transfer, not " + EdnWriter.print(call.f()));
    };
  }
}
