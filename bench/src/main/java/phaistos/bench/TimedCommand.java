package phaistos.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** How long a program or a piece of work took: by the clock, and of all processors together. */
record TimedCommand(double wallSeconds, double cpuSeconds) {
  private static final String TIMES = "phaistos-times";

  /** Something to measure in this JVM. */
  interface Work {
    void run() throws Exception;
  }

  /**
   * Runs a program in the time zone UTC with its output to /dev/null, and its messages too:
   * pg_waldump calls the usual end of WAL an error. The shell tells the processor time of a process
   * that is gone, which Java does not.
   */
  static TimedCommand of(List<String> command) throws IOException, InterruptedException {
    List<String> timed = new ArrayList<>();
    timed.addAll(List.of("bash", "-c"));
    timed.add("TIMEFORMAT='" + TIMES + " %R %U %S'; time \"$@\" >/dev/null 2>/dev/null");
    timed.add("bash");
    timed.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(timed).redirectErrorStream(true);
    builder.environment().put("TZ", "UTC");
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exitCode = process.waitFor();
    int times = said.indexOf(TIMES);
    if (times < 0 || exitCode > 1) {
      throw new IOException("%s: exit code %d: %s".formatted(command, exitCode, said));
    }
    String[] seconds = said.substring(times).strip().split(" ");
    double cpu = Double.parseDouble(seconds[2]) + Double.parseDouble(seconds[3]);
    return new TimedCommand(Double.parseDouble(seconds[1]), cpu);
  }

  /** Runs work in this JVM; its compiler and garbage collector count. */
  static TimedCommand of(Work work) throws Exception {
    var system =
        (com.sun.management.OperatingSystemMXBean)
            java.lang.management.ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long start = System.nanoTime();
    work.run();
    long wall = System.nanoTime() - start;
    return new TimedCommand(wall * 1e-9, (system.getProcessCpuTime() - cpu) * 1e-9);
  }

  /** The medians of both, each for itself. */
  static TimedCommand median(List<TimedCommand> times) {
    return new TimedCommand(
        Medians.of(times.stream().mapToDouble(TimedCommand::wallSeconds).toArray()),
        Medians.of(times.stream().mapToDouble(TimedCommand::cpuSeconds).toArray()));
  }
}
