package phaistos.checker.jepsen;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Numbers;
import phaistos.histories.UntypedCall;

/**
 * Money moves between accounts. Each {@code :read} returns a map of all balances. Their sum must
 * never change, no account may be missing or unknown, no balance nil and, unless allowed, none
 * negative. Total and accounts default to those of the first read. Unknown without any read.
 */
public final class BankChecker implements Checker<UntypedCall, Report> {
  private final Optional<Edn> total;
  private final Set<Edn> accounts;
  private final boolean negativeAllowed;

  /** {@code accounts} empty: those of the first read. */
  public BankChecker(Optional<Edn> total, Set<Edn> accounts, boolean negativeAllowed) {
    this.total = total;
    this.accounts = Set.copyOf(accounts);
    this.negativeAllowed = negativeAllowed;
  }

  @Override
  public Report check(History<UntypedCall> history, CheckContext context) {
    Optional<Edn> expectedTotal = total;
    Set<Edn> expectedAccounts = accounts;
    Map<String, List<String>> errors = new LinkedHashMap<>();
    long reads = 0;
    for (Event<UntypedCall> event : history.events()) {
      boolean isRead = event.isClient() && event.call().name().equals("read");
      if (!isRead || !(event instanceof Event.Ok)) {
        continue;
      }
      if (!(event.call().value() instanceof Edn.Table balances)) {
        throw new WrongValueException(event, "a read of the bank is a map of accounts to balances");
      }
      reads++;
      if (expectedAccounts.isEmpty()) {
        expectedAccounts = balances.entries().keySet();
      }
      if (expectedTotal.isEmpty()) {
        expectedTotal = Optional.of(sum(event, balances));
      }
      checkRead(event, balances, expectedTotal.get(), expectedAccounts, errors);
    }
    Report.Builder report = Report.builder().put("read-count", reads);
    long count = errors.values().stream().mapToLong(List::size).sum();
    report.put("error-count", count);
    LinkedHashMap<Edn, Edn> kinds = new LinkedHashMap<>();
    errors.forEach(
        (kind, cases) ->
            kinds.put(
                Edn.keyword(kind), Edn.vector(Edn.of(cases.size()), Edn.of(cases.getFirst()))));
    report.put("errors", new Edn.Table(kinds));
    if (reads == 0) {
      return report.unknown("the balances were never read");
    }
    return errors.isEmpty()
        ? report.valid()
        : report.invalid(count + " errors: " + errors.values().iterator().next().getFirst());
  }

  /** Of the balances that are not nil. */
  private static Edn sum(Event<UntypedCall> event, Edn.Table balances) {
    Edn sum = Edn.of(0);
    boolean isFirst = true;
    for (Edn balance : balances.entries().values()) {
      if (!(balance instanceof Edn.Nil)) {
        Edn number = Values.number(event, balance, "each balance is a number");
        sum = isFirst ? number : plus(event, sum, number);
        isFirst = false;
      }
    }
    return sum;
  }

  private static Edn plus(Event<UntypedCall> event, Edn sum, Edn number) {
    try {
      return Numbers.add(sum, number);
    } catch (IllegalArgumentException e) {
      throw new WrongValueException(event, "balances have a sum (" + e.getMessage() + ")");
    }
  }

  private void checkRead(
      Event<UntypedCall> event,
      Edn.Table balances,
      Edn expectedTotal,
      Set<Edn> expectedAccounts,
      Map<String, List<String>> errors) {
    String at = "event " + event.index() + ": ";
    Edn sum = sum(event, balances);
    String shown = EdnWriter.print(balances);
    List<Edn> unknown =
        balances.entries().keySet().stream()
            .filter(account -> !expectedAccounts.contains(account))
            .toList();
    boolean missing = !balances.entries().keySet().containsAll(expectedAccounts);
    List<Edn> nil =
        balances.entries().entrySet().stream()
            .filter(entry -> entry.getValue() instanceof Edn.Nil)
            .map(Map.Entry::getKey)
            .toList();
    boolean negative =
        balances.entries().values().stream()
            .anyMatch(balance -> balance != Edn.NIL && Numbers.signum(balance) < 0);
    if (!unknown.isEmpty()) {
      add(errors, "unexpected-key", at + "unknown accounts " + Values.some(unknown));
    } else if (missing) {
      add(errors, "missing-key", at + "accounts are missing: " + shown);
    } else if (!nil.isEmpty()) {
      add(errors, "nil-balance", at + "no balance of " + Values.some(nil));
    } else if (!sum.equals(expectedTotal)) {
      add(
          errors,
          "wrong-total",
          at
              + "the total is "
              + EdnWriter.print(sum)
              + ", not "
              + EdnWriter.print(expectedTotal)
              + ": "
              + shown);
    } else if (negative && !negativeAllowed) {
      add(errors, "negative-value", at + "a negative balance: " + shown);
    }
  }

  private static void add(Map<String, List<String>> errors, String kind, String text) {
    errors.computeIfAbsent(kind, _ -> new ArrayList<>()).add(text);
  }
}
