package phaistos.runner;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line as a process of its own, on this JVM's class path. */
final class ChildProcess {
  /** The options of the launcher that a simulated run needs. */
  static final List<String> SIMULATION =
      List.of(
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "-XX:+UnlockExperimentalVMOptions",
          "-XX:hashCode=2",
          "-Djdk.trackAllThreads=false",
          "--enable-native-access=ALL-UNNAMED");

  private ChildProcess() {}

  /** The words that start it for simulated runs, which are short: the second compiler is off. */
  static List<String> shortSimulation(List<String> arguments) {
    List<String> options = new ArrayList<>(SIMULATION);
    options.add("-XX:TieredStopAtLevel=1");
    return command(options, arguments);
  }

  /** The words that start it. */
  static List<String> command(List<String> jvmOptions, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(arguments);
    return command;
  }
}
