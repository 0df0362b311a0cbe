package phaistos.harness;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import phaistos.histories.Edn;
import phaistos.histories.EdnException;
import phaistos.histories.EdnReader;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;

/**
 * A load as data: what the clients call and when all nodes crash, in place of what the seed draws.
 *
 * @param calls in the order of their times; empty: the workload's generator makes them
 * @param crashAtNanos when all nodes crash at the latest, since the start of the load
 * @param crashesWhenAnswered whether they crash as soon as every call is answered
 * @param crashesAtStep whether the seed may choose a step of the server for the crash
 * @param endsAtCrash whether the run ends there: without replay, recovery and final reads
 */
public record LoadScript(
    Optional<List<Call>> calls,
    long crashAtNanos,
    boolean crashesWhenAnswered,
    boolean crashesAtStep,
    boolean endsAtCrash) {
  /**
   * One call.
   *
   * @param atNanos not before this time since the start of the load, nor before the thread's call
   *     that comes before it has ended
   * @param thread of the clients, from 0
   */
  public record Call(long atNanos, int thread, UntypedCall call) {}

  public LoadScript {
    calls = calls.map(List::copyOf);
    if (crashAtNanos < 0) {
      throw new IllegalArgumentException("crashAtNanos=" + crashAtNanos);
    }
  }

  /** With the crash at this very time. */
  public LoadScript crashingAt(long nanos) {
    return new LoadScript(calls, nanos, false, false, endsAtCrash);
  }

  /** EDN: a vector with one call a line. */
  public static String callsToEdn(List<Call> calls) {
    StringBuilder text = new StringBuilder("[");
    for (Call call : calls) {
      LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
      table.put(Edn.keyword("at"), Edn.of(call.atNanos));
      table.put(Edn.keyword("thread"), Edn.of(call.thread));
      table.put(Edn.keyword("f"), call.call.f());
      table.put(Edn.keyword("value"), call.call.value());
      text.append(text.length() == 1 ? "" : "\n ").append(EdnWriter.print(new Edn.Table(table)));
    }
    return text.append("]\n").toString();
  }

  /**
   * Reads {@link #callsToEdn}'s form.
   *
   * @throws IllegalArgumentException if it is none; one line
   */
  public static List<Call> callsOfEdn(String text) {
    try {
      Edn value = new EdnReader(new StringReader(text), "calls").next().orElse(Edn.NIL);
      if (!(value instanceof Edn.Vector vector)) {
        throw new IllegalArgumentException("calls: expected a vector of calls");
      }
      List<Call> calls = new ArrayList<>();
      for (Edn item : vector.items()) {
        if (!(item instanceof Edn.Table table)
            || !(table.get("at") instanceof Edn.Int(long at))
            || !(table.get("thread") instanceof Edn.Int(long thread))) {
          throw new IllegalArgumentException(
              "calls: expected {:at nanoseconds, :thread 0, :f :name, :value ...}, not "
                  + EdnWriter.print(item));
        }
        calls.add(new Call(at, (int) thread, new UntypedCall(table.get("f"), table.get("value"))));
      }
      return calls;
    } catch (EdnException | IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
