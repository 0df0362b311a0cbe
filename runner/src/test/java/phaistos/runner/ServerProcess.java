package phaistos.runner;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code phaistos server start} in a process of its own, as a user runs it. */
final class ServerProcess implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("listening on localhost:(\\d+)$");
  private static final long LIMIT_SECONDS = 60;

  private final Process process;
  private final BlockingQueue<String> fresh = new LinkedBlockingQueue<>();
  private final List<String> seen = new ArrayList<>();
  private final Thread reader;

  private ServerProcess(Process process) {
    this.process = process;
    reader = Thread.ofVirtual().start(this::read);
  }

  /** Starts it on a free port; does not wait. */
  static ServerProcess start(Path data, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("server", "start"));
    arguments.addAll(List.of("--data", data.toString(), "--port", "0"));
    arguments.addAll(List.of(options));
    List<String> jvm = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    List<String> command = new ArrayList<>();
    if (System.getProperty("os.name").equals("Linux")) {
      // As the launcher does: a job in the background of a shell ignores SIGINT, and its children
      // do.
      command.addAll(List.of("env", "--default-signal=INT"));
    }
    command.addAll(ChildProcess.command(jvm, arguments));
    return new ServerProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        fresh.add(line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next line that ends so, or holds it at its end after a pattern's dots. */
  String await(Pattern wanted) throws InterruptedException {
    while (true) {
      String line = fresh.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
      if (line == null) {
        throw new IllegalStateException("no line with " + wanted + " in " + seen);
      }
      seen.add(line);
      if (wanted.matcher(line).find()) {
        return line;
      }
    }
  }

  /** Waits until it takes connections; answers the port. */
  int ready() throws InterruptedException {
    Matcher matcher = LISTENING.matcher(await(LISTENING));
    matcher.find();
    await(Pattern.compile("ready to accept (read-only )?connections"));
    return Integer.parseInt(matcher.group(1));
  }

  static Connection connect(int port) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://localhost:" + port + "/postgres?user=postgres&socketTimeout=30");
  }

  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** Its exit code. */
  int exit() throws InterruptedException {
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("still running: " + log());
    }
    reader.join();
    return process.exitValue();
  }

  /** Everything it has written so far. */
  List<String> log() {
    fresh.drainTo(seen);
    return seen;
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
