package phaistos.junit;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;

/**
 * Begins and ends faults while a test runs, one at a time, drawn from a seed. A fault that cannot
 * be injected ends the faults and fails the test.
 */
final class FaultThread {
  private final List<ServerFault> faults;
  private final Duration mean;
  private final Seed seed;
  private final List<Event<UntypedCall>> events = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread thread;
  private volatile IOException failure;

  FaultThread(List<ServerFault> faults, long seed, Duration mean) {
    this.faults = List.copyOf(faults);
    this.mean = mean;
    this.seed = new Seed(seed);
    this.thread = Thread.ofPlatform().daemon().name("faults").unstarted(this::run);
  }

  void start() {
    if (!faults.isEmpty()) {
      thread.start();
    }
  }

  /** Ends the fault under way, waits for it, and throws what went wrong. */
  void end() throws IOException {
    over.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a fault ended", e);
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** The faults as events of the nemesis, with the time of day in nanoseconds. */
  List<Event<UntypedCall>> events() {
    return List.copyOf(events);
  }

  private void run() {
    try {
      for (long n = 0; !isOver(pause(n, "gap")); n++) {
        Seed own = seed.child("fault " + n);
        ServerFault fault = faults.get(own.drawInt(faults.size()));
        String handle = "f" + (n + 1);
        fault.begin().run();
        note(fault.kind(), handle, fault.what());
        isOver(pause(n, "length"));
        fault.end().run();
        note("end-" + fault.kind(), handle, fault.what());
      }
    } catch (IOException e) {
      failure = e;
    } catch (RuntimeException e) {
      failure = new IOException("a fault could not be injected: " + e.getMessage(), e);
    }
  }

  /** Between a half and one and a half of the mean. */
  private long pause(long n, String of) {
    long half = mean.toMillis() / 2;
    return half + seed.child(of + " " + n).drawLong(Math.max(1, 2 * half));
  }

  private boolean isOver(long millis) {
    try {
      return over.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private void note(String f, String handle, String what) {
    Instant now = Instant.now();
    long nanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
    var value = new java.util.LinkedHashMap<Edn, Edn>();
    value.put(Edn.keyword("handle"), Edn.of(handle));
    value.put(Edn.keyword("what"), Edn.of(what));
    UntypedCall call = new UntypedCall(Edn.keyword(f), new Edn.Table(value));
    // Twice, as a nemesis does: the act and its answer.
    events.add(new Event.Info<>(-1, nanos, Process.NEMESIS, call, Details.NONE));
    events.add(new Event.Info<>(-1, nanos, Process.NEMESIS, call, Details.NONE));
  }
}
