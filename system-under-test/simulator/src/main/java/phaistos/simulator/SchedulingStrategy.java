package phaistos.simulator;

import java.util.Locale;

/** How the scheduler picks the next task; each draws from the simulation's seed. */
public enum SchedulingStrategy {
  /** Any runnable task, each as likely as the next. */
  UNIFORM,

  /**
   * The task of the highest priority, drawn when it starts; at some moments the running task's
   * priority falls below all others (Burckhardt et al., A randomized scheduler with probabilistic
   * guarantees of finding bugs, ASPLOS 2010).
   */
  PCT,

  /**
   * The event of the highest priority; an event's priority is drawn anew when another one on the
   * same object was executed (Yuan et al., Partial order aware concurrency sampling, CAV 2018).
   */
  POS,

  /**
   * Any task, but among the events of some kinds, drawn, the next one belongs to a task that is
   * chosen by how many of them such tasks have had (after Zhao et al., Selectively uniform
   * concurrency testing, ASPLOS 2025, with counts that are learned during the run).
   */
  SURW;

  /** "pct". */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
