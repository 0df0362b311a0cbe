package phaistos.harness.explain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import phaistos.cluster.Cluster.NodeId;
import phaistos.formats.DataDirectory;
import phaistos.formats.Lsn;
import phaistos.harness.SimulationWatch;
import phaistos.server.steps.Act;
import phaistos.server.steps.BitChange;
import phaistos.server.steps.Step;
import phaistos.server.steps.Steps;

/**
 * The steps that the servers of one simulated run take, as seen from outside: what each is about,
 * what it answers, and which port calls and other steps its task makes meanwhile. For one run; on
 * the carrier while it runs, by anyone after it.
 */
final class StepTrace implements SimulationWatch {
  private static final StackWalker WALKER = StackWalker.getInstance();

  /**
   * A place in the server's sources.
   *
   * @param line as in "phaistos/server/wal/Wal.java:375"
   */
  record Source(String line, String method) {
    static final Source NONE = new Source("", "");
  }

  /** A step that was taken; its fields are final once it has ended. */
  static final class Taken {
    final Step<?, ?> step;
    final String node;

    /** Counts the starts of servers. */
    final int server;

    final String task;

    /** Of its task, whose name changes while it waits. */
    final long thread;

    final Object about;
    final Source source;
    final long beganAt;
    final long beganNanos;
    final int began;

    /** Kinds of port calls and labels of steps in it. */
    Set<String> inside = Set.of();

    /** The content of the page before, where it is about one; empty once its end was as asked. */
    byte[] before;

    byte[] after = NO_PAGE;
    Optional<Object> answer = Optional.empty();
    Optional<Object> innerAnswer = Optional.empty();
    boolean threw;

    /** What is wrong with its answer, as far as that is seen at once. */
    Optional<String> objection = Optional.empty();

    /** The place of its end; Integer.MAX_VALUE if it never ended. */
    int ended = Integer.MAX_VALUE;

    long endedNanos = Long.MAX_VALUE;

    Taken(StepTrace trace, Step<?, ?> step, Start start, Object about) {
      this.step = step;
      this.node = start.node;
      this.server = start.number;
      this.task = Thread.currentThread().getName();
      this.thread = StepTrace.thread();
      this.about = about;
      this.source = place();
      this.beganAt = trace.step;
      this.beganNanos = trace.nanos;
      this.began = trace.moments++;
      this.before = page();
    }

    private byte[] page() {
      return about instanceof BitChange change ? change.page().clone() : NO_PAGE;
    }

    void sees(String what) {
      if (!inside.contains(what)) {
        if (inside.isEmpty()) {
          inside = new TreeSet<>();
        }
        inside.add(what);
      }
    }

    boolean hasEnded() {
      return ended != Integer.MAX_VALUE;
    }

    boolean is(Step<?, ?> other) {
      return step.equals(other);
    }

    /** The position that it is about; -1 if it is about something else. */
    long lsn() {
      return lsn(about);
    }

    /** The position that it answered; -1 if it answered something else, or nothing. */
    long answeredLsn() {
      return answer.map(Taken::lsn).orElse(-1L);
    }

    private static long lsn(Object value) {
      return value instanceof Lsn lsn ? lsn.value() : -1;
    }

    private static Source place() {
      return WALKER.walk(
          frames ->
              frames
                  .dropWhile(frame -> !frame.getClassName().equals(Steps.class.getName()))
                  .dropWhile(frame -> frame.getClassName().equals(Steps.class.getName()))
                  .findFirst()
                  .map(
                      frame ->
                          new Source(
                              file(frame.getClassName(), frame.getFileName())
                                  + ":"
                                  + frame.getLineNumber(),
                              frame.getMethodName()))
                  .orElse(Source.NONE));
    }
  }

  static String file(String className, String fileName) {
    int dot = className.lastIndexOf('.');
    return className.substring(0, Math.max(0, dot)).replace('.', '/') + "/" + fileName;
  }

  private static final byte[] NO_PAGE = {};

  /** So many steps are kept; a run that takes more is looked at up to there. */
  private static final int TAKEN_MAX = 400_000;

  /** Steps that are taken for each row that is looked at, and say nothing when they end well. */
  private static final Set<String> OFTEN =
      Set.of(
          "row-shown",
          "row-locked",
          "row-replaced",
          "hint-bit-set",
          "commit-log-lookup",
          "full-page-image",
          "buffer-read");

  private record Start(String node, int number, DataDirectory files) {}

  private final List<Taken> taken = new ArrayList<>();
  private final Statuses statuses = new Statuses();
  private final Map<Long, Deque<Taken>> open = new HashMap<>();
  private int starts;
  private int moments;
  private long step;
  private long nanos;

  @Override
  public void starts(NodeId node, Steps steps, DataDirectory files) {
    Start start = new Start(node.name(), ++starts, files);
    for (Step<?, ?> each : Step.all()) {
      attach(each, start, steps);
    }
  }

  private <A, R> void attach(Step<A, R> typed, Start start, Steps steps) {
    steps.attach(typed, (about, act) -> pass(typed, start, about, act));
  }

  private <A, R> R pass(Step<A, R> typed, Start start, A about, Act<R, Exception> act)
      throws Exception {
    Deque<Taken> stack = open.computeIfAbsent(thread(), _ -> new ArrayDeque<>());
    Taken now = new Taken(this, typed, start, about);
    stack.forEach(outer -> outer.sees(typed.label()));
    if (taken.size() < TAKEN_MAX) {
      taken.add(now);
    }
    stack.push(now);
    now.threw = true;
    var known = statuses.known(start.number, typed, about);
    try {
      R answer = act.run();
      now.objection =
          statuses
              .objection(typed, about, answer, known)
              .or(() -> FileReads.objection(typed, about, answer, start.files));
      statuses.ended(start.number, typed, about);
      now.answer = Optional.ofNullable(answer);
      now.threw = false;
      if (!stack.isEmpty() && answer != null) {
        stack.stream()
            .skip(1)
            .findFirst()
            .ifPresent(outer -> outer.innerAnswer = Optional.of(answer));
      }
      return answer;
    } finally {
      stack.remove(now);
      now.after = now.page();
      if (Promises.keepsBits(now)) {
        // Two pages for each transaction of a long run are too many.
        now.before = NO_PAGE;
        now.after = NO_PAGE;
      }
      now.ended = moments++;
      now.endedNanos = nanos;
      forget(now);
    }
  }

  private void forget(Taken now) {
    boolean isWell =
        !now.threw && !now.answer.equals(Optional.of(false)) && now.objection.isEmpty();
    if (isWell && OFTEN.contains(now.step.label()) && taken.getLast() == now) {
      taken.removeLast();
    }
  }

  private static long thread() {
    return Thread.currentThread().threadId();
  }

  @Override
  public void called(long at, long timeNanos, String kind) {
    step = at;
    nanos = timeNanos;
    Deque<Taken> stack = open.get(thread());
    if (stack != null) {
      for (Taken each : stack) {
        each.sees(kind);
      }
    }
  }

  @Override
  public void chosen(long at, long timeNanos, String task, Thread thread) {
    step = at;
    nanos = timeNanos;
  }

  /** All, in the order in which they began. */
  List<Taken> taken() {
    return taken;
  }

  /** Those that have ended, in that order. */
  List<Taken> ended() {
    return taken.stream()
        .filter(Taken::hasEnded)
        .sorted(Comparator.comparingInt(each -> each.ended))
        .toList();
  }
}
