package phaistos.harness;

import java.nio.file.Path;

/**
 * Hears how a run goes. The run calls it from any thread, often, and reads nothing back: an
 * implementation is thread-safe and returns at once.
 */
public interface Progress {
  /** Where the run writes its files; called once, at the start. */
  default void folder(Path path) {}

  /** What the run does now: "starting", "load", "checking". */
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
