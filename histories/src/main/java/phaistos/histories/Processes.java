package phaistos.histories;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the process of each event. A number or any other {@code :process} is a client, except
 * {@code nemesis}. An info of a name that never invoked anything is not a client's, because
 * harnesses log their faults in this way.
 *
 * <p>An event without a process is accepted if its process follows. With one open call, a
 * completion belongs to that call. In a history without any invocation each event is its own
 * process. If a completion's call cannot be known, that is an error. Not thread-safe.
 */
final class Processes {
  /** Names get numbers from here on. */
  private static final long NAMED = 1L << 62;

  /** The process of an event that has none. */
  private static final Edn NOBODY = new Edn.Opaque("nil");

  private final Map<Edn, Process.Client> names = new HashMap<>();
  private final Set<Process.Client> invoked = new HashSet<>();
  private final List<Process.Client> unnamedOpen = new ArrayList<>();
  private long unnamed;
  private boolean hasUnnamedInvocation;
  private boolean hasNamed;
  private boolean hasUnnamed;

  /**
   * The process of an event.
   *
   * @param process the value of {@code :process}
   * @param type Jepsen's word for the event's type
   * @throws IllegalArgumentException if that cannot be known
   */
  Process of(Edn process, String type, UntypedCall call) {
    return switch (process) {
      case Edn.Int(long id) when id < NAMED / 2 && id > -NAMED / 2 -> {
        refuseMixture(hasUnnamed, type);
        hasNamed = true;
        yield new Process.Client(id);
      }
      case Edn.Nil _ -> unnamed(type, call);
      case Edn.Keyword(String name) when name.equals("nemesis") -> Process.NEMESIS;
      case Edn.Text(String name) when name.equals("nemesis") -> Process.NEMESIS;
      case Edn.Symbol(String name) when name.equals("nemesis") -> Process.NEMESIS;
      default -> named(process, type, call);
    };
  }

  private Process named(Edn process, String type, UntypedCall call) {
    Process.Client client = names.get(process);
    if (client == null) {
      client = new Process.Client(NAMED + names.size(), process);
      names.put(process, client);
    }
    if (type.equals("invoke")) {
      invoked.add(client);
    } else if (type.equals("info") && !invoked.contains(client) && !isTransaction(call)) {
      return new Process.Nemesis(nameOf(process));
    }
    refuseMixture(hasUnnamed, type);
    hasNamed = true;
    return client;
  }

  private static String nameOf(Edn process) {
    return switch (process) {
      case Edn.Keyword(String name) -> name;
      case Edn.Text(String name) -> name;
      default -> EdnWriter.print(process);
    };
  }

  private static boolean isTransaction(UntypedCall call) {
    return call.name().equals("txn")
        || call.f() == Edn.NIL
            && call.value() instanceof Edn.Vector(List<Edn> steps)
            && !steps.isEmpty()
            && steps.getFirst() instanceof Edn.Vector;
  }

  private Process unnamed(String type, UntypedCall call) {
    boolean isInfo = type.equals("info");
    if (isInfo && unnamedOpen.isEmpty() && !isTransaction(call)) {
      return new Process.Nemesis("nil");
    }
    refuseMixture(hasNamed, type);
    hasUnnamed = true;
    if (type.equals("invoke")) {
      hasUnnamedInvocation = true;
      Process.Client client = fresh();
      unnamedOpen.add(client);
      return client;
    }
    if (!hasUnnamedInvocation) {
      return fresh();
    }
    if (unnamedOpen.size() > 1) {
      throw new IllegalArgumentException(
          "an event without a :process, while "
              + unnamedOpen.size()
              + " calls are open: whose completion it is cannot be known");
    }
    if (unnamedOpen.isEmpty()) {
      throw new IllegalArgumentException(
          "a completion (:" + type + ") without an invocation, and without a :process");
    }
    return unnamedOpen.removeFirst();
  }

  List<String> remarks() {
    return hasUnnamed
        ? List.of("its events have no :process: each call was taken as a process of its own")
        : List.of();
  }

  private Process.Client fresh() {
    return new Process.Client(NAMED / 2 + unnamed++, NOBODY);
  }

  private static void refuseMixture(boolean hasOthers, String type) {
    if (hasOthers) {
      throw new IllegalArgumentException(
          "some events have a :process and some have none: whose this (:"
              + type
              + ") is cannot be known");
    }
  }
}
