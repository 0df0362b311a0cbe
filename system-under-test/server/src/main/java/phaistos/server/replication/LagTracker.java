package phaistos.server.replication;

import java.util.OptionalLong;
import phaistos.formats.Lsn;

/**
 * How long a standby takes to write, flush and apply WAL (walsender.c's LagTracker). Each time the
 * WAL's end has moved, a sample of it and of the time is kept; a reply's position gives the sample
 * that it has reached, or a time between two samples. Times are microseconds of one clock. Not
 * thread-safe.
 */
final class LagTracker {
  private static final int SIZE = 8192;

  /** How far the replies have read the samples: for write, flush or apply. */
  private static final class Head {
    int next;
    long lastLsn;
    long lastTime;
    boolean hasLast;
  }

  private final long[] lsns = new long[SIZE];
  private final long[] times = new long[SIZE];
  private final Head write = new Head();
  private final Head flush = new Head();
  private final Head apply = new Head();
  private int end;
  private long lastSample;

  /** WAL up to here is about to be sent. */
  void sample(Lsn lsn, long now) {
    if (lsn.value() == lastSample) {
      return;
    }
    lastSample = lsn.value();
    int after = (end + 1) % SIZE;
    if (after == write.next || after == flush.next || after == apply.next) {
      // the slowest reader is a whole round behind: the newest sample replaces the one before it
      after = end;
      end = (end + SIZE - 1) % SIZE;
    }
    lsns[end] = lsn.value();
    times[end] = now;
    end = after;
  }

  OptionalLong wrote(Lsn lsn, long now) {
    return read(write, lsn.value(), now);
  }

  OptionalLong flushed(Lsn lsn, long now) {
    return read(flush, lsn.value(), now);
  }

  OptionalLong applied(Lsn lsn, long now) {
    return read(apply, lsn.value(), now);
  }

  /** Empty if nothing new can be said. */
  private OptionalLong read(Head head, long lsn, long now) {
    boolean crossed = false;
    long time = 0;
    while (head.next != end && Long.compareUnsigned(lsns[head.next], lsn) <= 0) {
      crossed = true;
      time = times[head.next];
      head.lastLsn = lsns[head.next];
      head.lastTime = time;
      head.hasLast = true;
      head.next = (head.next + 1) % SIZE;
    }
    if (head.next == end) {
      head.hasLast = false;
    }
    if (!crossed) {
      if (head.next == end) {
        return OptionalLong.empty();
      }
      if (!head.hasLast) {
        time = times[head.next];
      } else if (Long.compareUnsigned(lsn, head.lastLsn) < 0 || times[head.next] < head.lastTime) {
        return OptionalLong.empty();
      } else {
        double part = (double) (lsn - head.lastLsn) / (lsns[head.next] - head.lastLsn);
        time = head.lastTime + (long) ((times[head.next] - head.lastTime) * part);
      }
    }
    return time > now ? OptionalLong.empty() : OptionalLong.of(now - time);
  }
}
