package phaistos.server.executor;

import java.util.List;

/**
 * A compiled statement. For one execution only: it holds the tables as they were when it was made.
 */
record Plan(Parameters parameters, List<Outcome.Column> columns, Run run) {
  @FunctionalInterface
  interface Run {
    Outcome of(Frame frame);
  }
}
