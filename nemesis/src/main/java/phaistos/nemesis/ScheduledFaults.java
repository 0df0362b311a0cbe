package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Act;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;

/**
 * Gives the nemesis' thread each entry of a schedule when its trigger fires. Unlike a pure
 * generator it depends on more than context and updates: on what {@link TriggerWatch} has seen.
 *
 * @param untilNanos nanoseconds since the start of the run; the generator ends then, even if
 *     entries are left
 */
record ScheduledFaults(TriggerWatch watch, List<Schedule.Entry> left, long untilNanos)
    implements Generator<UntypedCall> {
  @Override
  public Step<UntypedCall> next(Context context) {
    long now = context.timeNanos();
    if (left.isEmpty() || now >= untilNanos) {
      return new Step.Exhausted<>();
    }
    if (!context.isFree(Context.NEMESIS)) {
      return new Step.Pending<>(NEVER, this);
    }
    int first = -1;
    long firstDue = Long.MAX_VALUE;
    long wake = untilNanos;
    for (int i = 0; i < left.size(); i++) {
      OptionalLong due = watch.dueAt(left.get(i), now);
      if (due.isPresent() && due.getAsLong() < firstDue) {
        first = i;
        firstDue = due.getAsLong();
      } else if (due.isEmpty() && watch.isWatched(left.get(i))) {
        wake = Math.min(wake, now + TriggerWatch.POLL_NANOS);
      }
    }
    if (first < 0 || firstDue > now) {
      return new Step.Pending<>(Math.min(wake, firstDue), this);
    }
    List<Schedule.Entry> rest = new ArrayList<>(left);
    Schedule.Entry entry = rest.remove(first);
    return new Step.Emit<>(
        new Act.Call<>(now, context.processOf(Context.NEMESIS), Schedule.call(entry.act())),
        new ScheduledFaults(watch, List.copyOf(rest), untilNanos));
  }
}
