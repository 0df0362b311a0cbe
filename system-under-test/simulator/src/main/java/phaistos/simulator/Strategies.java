package phaistos.simulator;

import java.util.HashMap;
import java.util.Map;
import phaistos.environment.SeededRandomness;

/** The strategies by which the scheduler picks; for the carrier only. */
final class Strategies {
  private Strategies() {}

  /** Picks the next task, and says when the running one gives way. */
  abstract static class Strategy {
    /** The place of the next task. */
    abstract int pick(SimulatedTask[] runnable, int count);

    /** Whether the running task gives way at a port call, although it could go on. */
    abstract boolean givesWay(SimulatedTask running, SimulatedTask[] runnable, int count);

    /** The running task begins a port call. */
    void entered(SimulatedTask running, String kind, long about) {}
  }

  /**
   * @param yieldsPer256 how often the running task gives way where the strategy does not say
   */
  static Strategy of(SchedulingStrategy which, SeededRandomness choices, int yieldsPer256) {
    return switch (which) {
      case UNIFORM -> new Uniform(choices, yieldsPer256);
      case PCT -> new Pct(choices);
      case POS -> new Pos(choices, yieldsPer256);
      case SURW -> new Surw(choices, yieldsPer256);
    };
  }

  private static final class Uniform extends Strategy {
    private final SeededRandomness choices;
    private final int yieldsPer256;

    Uniform(SeededRandomness choices, int yieldsPer256) {
      this.choices = choices;
      this.yieldsPer256 = yieldsPer256;
    }

    @Override
    int pick(SimulatedTask[] runnable, int count) {
      return count == 1 ? 0 : choices.nextInt(count);
    }

    @Override
    boolean givesWay(SimulatedTask running, SimulatedTask[] runnable, int count) {
      return choices.nextLong() >>> 56 < yieldsPer256;
    }
  }

  private static int highest(SimulatedTask[] runnable, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      if (runnable[i].priority > runnable[best].priority) {
        best = i;
      }
    }
    return best;
  }

  private static final class Pct extends Strategy {
    private final SeededRandomness choices;
    private final int meanCalls;
    private long untilChange;
    private long lowest;

    Pct(SeededRandomness choices) {
      this.choices = choices;
      this.meanCalls = 1 << 8 + choices.nextInt(7);
      this.untilChange = choices.nextInt(2 * meanCalls);
    }

    private void draw(SimulatedTask task) {
      if (task.priority == 0) {
        task.priority = 1 + choices.nextInt(1 << 30);
      }
    }

    @Override
    int pick(SimulatedTask[] runnable, int count) {
      for (int i = 0; i < count; i++) {
        draw(runnable[i]);
      }
      return highest(runnable, count);
    }

    @Override
    boolean givesWay(SimulatedTask running, SimulatedTask[] runnable, int count) {
      return runnable[pick(runnable, count)].priority > running.priority;
    }

    @Override
    void entered(SimulatedTask running, String kind, long about) {
      if (--untilChange < 0) {
        untilChange = choices.nextInt(2 * meanCalls);
        running.priority = --lowest;
      }
    }
  }

  private static final class Pos extends Strategy {
    private final SeededRandomness choices;
    private final int yieldsPer256;

    Pos(SeededRandomness choices, int yieldsPer256) {
      this.choices = choices;
      this.yieldsPer256 = yieldsPer256;
    }

    private void draw(SimulatedTask task) {
      task.priority = 1 + choices.nextInt(1 << 30);
    }

    @Override
    int pick(SimulatedTask[] runnable, int count) {
      for (int i = 0; i < count; i++) {
        if (runnable[i].priority == 0) {
          draw(runnable[i]);
        }
      }
      int next = highest(runnable, count);
      long object = runnable[next].object;
      for (int i = 0; i < count; i++) {
        if (i == next || runnable[i].object == object) {
          draw(runnable[i]);
        }
      }
      return next;
    }

    @Override
    boolean givesWay(SimulatedTask running, SimulatedTask[] runnable, int count) {
      if (choices.nextLong() >>> 56 >= yieldsPer256) {
        return false;
      }
      return runnable[highest(runnable, count)].priority > running.priority;
    }

    @Override
    void entered(SimulatedTask running, String kind, long about) {
      running.object = 31L * kind.hashCode() + about;
      draw(running);
    }
  }

  private static final class Surw extends Strategy {
    private final SeededRandomness choices;
    private final int yieldsPer256;
    private final int wanted;
    private final Map<String, long[]> events = new HashMap<>();
    private SimulatedTask chosen;

    Surw(SeededRandomness choices, int yieldsPer256) {
      this.choices = choices;
      this.yieldsPer256 = yieldsPer256;
      this.wanted = choices.nextInt(4);
    }

    private boolean mustWait(SimulatedTask task) {
      return task.isBeforeEvent && task != chosen;
    }

    @Override
    int pick(SimulatedTask[] runnable, int count) {
      int free = 0;
      for (int i = 0; i < count; i++) {
        free += mustWait(runnable[i]) ? 0 : 1;
      }
      int next = free > 0 ? free(runnable, choices.nextInt(free)) : choose(runnable, count);
      SimulatedTask task = runnable[next];
      if (task.isBeforeEvent) {
        task.isBeforeEvent = false;
        events.computeIfAbsent(task.name(), _ -> new long[1])[0]++;
        chosen = null;
      }
      return next;
    }

    private int free(SimulatedTask[] runnable, int nth) {
      int left = nth;
      int at = 0;
      while (mustWait(runnable[at]) || left-- > 0) {
        at++;
      }
      return at;
    }

    /** Each task by the number of events that tasks of its name have had. */
    private int choose(SimulatedTask[] runnable, int count) {
      long sum = 0;
      for (int i = 0; i < count; i++) {
        sum += weight(runnable[i]);
      }
      long draw = Math.floorMod(choices.nextLong(), sum);
      int at = 0;
      while (draw >= weight(runnable[at])) {
        draw -= weight(runnable[at++]);
      }
      chosen = runnable[at];
      return at;
    }

    private long weight(SimulatedTask task) {
      long[] had = events.get(task.name());
      return had == null ? 1 : 1 + had[0];
    }

    @Override
    boolean givesWay(SimulatedTask running, SimulatedTask[] runnable, int count) {
      return mustWait(running) || choices.nextLong() >>> 56 < yieldsPer256;
    }

    @Override
    void entered(SimulatedTask running, String kind, long about) {
      running.isBeforeEvent = (kind.hashCode() & 3) == wanted;
    }
  }
}
