package phaistos.checker.durability;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/** Histories of transactions, one after the other, each on a process of its own. */
final class HistoryBuilder {
  private static final UntypedCall CALL = new UntypedCall(Edn.keyword("insert"), Edn.NIL);

  private final List<Event<UntypedCall>> events = new ArrayList<>();
  private String level = "on";
  private String standbys = "";
  private long timeNanos;

  HistoryBuilder level(String synchronousCommit, String standbyNames) {
    level = synchronousCommit;
    standbys = standbyNames;
    return this;
  }

  HistoryBuilder at(long nanos) {
    timeNanos = nanos;
    return this;
  }

  HistoryBuilder ok(long xid, Object... markers) {
    return ok(xid, details -> details.marker(markers(markers)));
  }

  HistoryBuilder ok(long xid, UnaryOperator<Details.Builder> more) {
    Details details = more.apply(details(xid)).build();
    invoke();
    events.add(new Event.Ok<>(events.size(), timeNanos, process(-1), CALL, details));
    return this;
  }

  HistoryBuilder fail(long xid, Object... markers) {
    Details details = details(xid).marker(markers(markers)).build();
    invoke();
    events.add(new Event.Fail<>(events.size(), timeNanos, process(-1), CALL, details));
    return this;
  }

  HistoryBuilder failAt(long xid, long lsn) {
    Details details = details(xid).lsn(lsn).build();
    invoke();
    events.add(new Event.Fail<>(events.size(), timeNanos, process(-1), CALL, details));
    return this;
  }

  HistoryBuilder info(long xid, Object... markers) {
    Details details = details(xid).marker(markers(markers)).build();
    invoke();
    events.add(new Event.Info<>(events.size(), timeNanos, process(-1), CALL, details));
    return this;
  }

  History<UntypedCall> build() {
    return History.of(events);
  }

  private void invoke() {
    events.add(new Event.Invoke<>(events.size(), timeNanos, process(0), CALL, Details.NONE));
  }

  private Process process(int offset) {
    return new Process.Client(events.size() + offset);
  }

  private Details.Builder details(long xid) {
    Details.Builder details = Details.builder().synchronousCommit(level).standbyNames(standbys);
    return xid == 0 ? details : details.xid(xid);
  }

  static Edn markers(Object... markers) {
    Edn[] items = new Edn[markers.length];
    for (int i = 0; i < items.length; i++) {
      items[i] =
          markers[i] instanceof String text
              ? Edn.of(text)
              : Edn.of(((Number) markers[i]).longValue());
    }
    return items.length == 1 ? items[0] : Edn.vector(items);
  }
}
