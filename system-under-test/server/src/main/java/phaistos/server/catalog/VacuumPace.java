package phaistos.server.catalog;

import phaistos.environment.Tasks;

/**
 * Slows a VACUUM down: each page has a cost, and when the costs have reached the limit it sleeps
 * (vacuum_delay_point). Used by one VACUUM.
 */
public final class VacuumPace implements Vacuum.Pace {
  private final Tasks tasks;
  private final Costs costs;
  private final Runnable interrupts;
  private long balance;

  /**
   * @param delayNanos how long it sleeps; 0 for never
   * @param hit the cost of a page that VACUUM has read
   * @param dirty the cost of one that it has changed
   */
  public record Costs(long delayNanos, long limit, long hit, long dirty) {}

  /**
   * @param interrupts called for each page; may throw
   */
  public VacuumPace(Tasks tasks, Costs costs, Runnable interrupts) {
    this.tasks = tasks;
    this.costs = costs;
    this.interrupts = interrupts;
  }

  @Override
  public void page(boolean changed) {
    interrupts.run();
    balance += changed ? costs.dirty : costs.hit;
    if (costs.delayNanos > 0 && balance >= costs.limit) {
      balance = 0;
      tasks.sleep(costs.delayNanos);
    }
  }
}
