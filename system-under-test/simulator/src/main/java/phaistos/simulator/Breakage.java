package phaistos.simulator;

import java.time.Duration;

/** Why a simulation did not complete. */
public sealed interface Breakage {
  /** For a person: what happened, with stacks. */
  String describe();

  /** The root body, or a task of the root environment, threw. */
  record Failed(Throwable cause) implements Breakage {
    @Override
    public String describe() {
      return "failed: " + cause;
    }
  }

  /** Nothing can run and no timer is set. */
  record Deadlock(String tasks) implements Breakage {
    @Override
    public String describe() {
      return "deadlock: nothing can run and no timer is set. Tasks:\n" + tasks;
    }
  }

  /** The simulated time allowed has passed. */
  record OutOfTime(Duration limit, String tasks) implements Breakage {
    @Override
    public String describe() {
      return "out of time: not finished after " + limit + " of simulated time. Tasks:\n" + tasks;
    }
  }

  /**
   * One step took too long in real time: a spin loop, a class initialiser that waits, a blocking
   * call that bypasses the ports. The carrier is abandoned.
   */
  record Stuck(Duration limit, String stacks) implements Breakage {
    @Override
    public String describe() {
      return "stuck: one step took over " + limit + " of real time:\n" + stacks;
    }
  }

  /** Code bypassed the ports, so the run cannot be repeated. */
  record RuleBroken(String text) implements Breakage {
    @Override
    public String describe() {
      return "rule broken: " + text;
    }
  }

  /** The thread that called run was interrupted. */
  record Interrupted() implements Breakage {
    @Override
    public String describe() {
      return "interrupted from outside";
    }
  }
}
