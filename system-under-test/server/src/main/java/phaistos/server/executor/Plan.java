package phaistos.server.executor;

import java.util.List;

/** A compiled statement. Good for one execution: it holds the tables as they were. */
record Plan(Parameters parameters, List<Outcome.Column> columns, Run run) {
  @FunctionalInterface
  interface Run {
    Outcome of(Frame frame);
  }
}
