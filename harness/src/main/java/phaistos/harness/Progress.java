package phaistos.harness;

import java.nio.file.Path;

/**
 * Receives the progress of a run. The run calls it often, from any thread, and reads nothing back.
 * An implementation must be thread-safe and return at once.
 */
public interface Progress {
  /** The folder of the run's files; called once, at the start. */
  default void folder(Path path) {}

  /** The present phase: "starting", "load", "checking". */
  void phase(String name);

  /** The run's own time since its start, in nanoseconds; simulated in the simulator. */
  void time(long nanos);

  void countOk();

  void countFail();

  void countInfo();

  void countFault();

  /** WAL that the slowest standby has not flushed, in bytes. */
  void lag(long bytes);

  /** Shows nothing. */
  Progress NONE =
      new Progress() {
        @Override
        public void phase(String name) {}

        @Override
        public void time(long nanos) {}

        @Override
        public void countOk() {}

        @Override
        public void countFail() {}

        @Override
        public void countInfo() {}

        @Override
        public void countFault() {}

        @Override
        public void lag(long bytes) {}
      };
}
