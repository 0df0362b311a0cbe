package phaistos.server.executor;

import java.util.List;

/**
 * A compiled statement. It holds the tables as they were when it was made; {@link PlanSource} knows
 * for how long.
 */
record Plan(Parameters parameters, List<Outcome.Column> columns, Run run) {
  @FunctionalInterface
  interface Run {
    Outcome of(Frame frame);
  }
}
