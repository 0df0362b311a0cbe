package phaistos.cluster.containers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import phaistos.cluster.machine.DataVolumes;

/** Our server as the program of the nodes. */
public final class ServerProgram implements NodeProgram {
  /** The launcher's main class, by name, because its module depends on this one. */
  private static final String COMMAND_LINE = "phaistos.runner.Main";

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("listen_addresses", "*");
    settings.put("hot_standby", "on");
    // so that under load checkpoints and restartpoints are made all the time
    settings.put("max_wal_size", "2MB");
    settings.put("checkpoint_timeout", "30s");
    settings.put("wal_retrieve_retry_interval", "200ms");
    settings.put("wal_receiver_status_interval", "1s");
    settings.put("phaistos.crashable_disk", "on");
    return settings;
  }

  private static List<String> java(String classPath) {
    return List.of(
        "java",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx384m",
        "-Xshare:auto",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-cp",
        classPath);
  }

  @Override
  public List<String> initCommand(String classPath, OptionalLong firstXid) {
    List<String> command = command(classPath, "init", "--data", DATA);
    firstXid.ifPresent(xid -> command.addAll(List.of("--next-xid", Long.toUnsignedString(xid))));
    return command;
  }

  @Override
  public List<String> startCommand(String classPath, Map<String, String> settings) {
    List<String> command =
        command(classPath, "start", "--data", DATA, "--port", Integer.toString(PORT), "--insecure");
    // Ours, not PostgreSQL's: read before there is a configuration file to look at.
    settings.forEach(
        (name, value) -> {
          if (name.startsWith("phaistos.")) {
            command.addAll(List.of("-c", name + "=" + value));
          }
        });
    return command;
  }

  private static List<String> command(String classPath, String... arguments) {
    List<String> command = new ArrayList<>(java(classPath));
    command.add(COMMAND_LINE);
    command.add("server");
    command.addAll(List.of(arguments));
    return command;
  }

  @Override
  public List<String> probeCommand(String classPath, List<String> addresses) {
    List<String> command = new ArrayList<>(java(classPath));
    command.add(LinkProbe.class.getName());
    command.addAll(addresses);
    return command;
  }

  @Override
  public DataVolumes volumes() {
    return CrashableVolume.KIND;
  }

  @Override
  public boolean saysReady(String line) {
    // A primary's line, or a standby's.
    return line.contains("database system is ready to accept");
  }

  @Override
  public boolean saysRedo(String line) {
    return line.contains("redo starts at");
  }
}
