package phaistos.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Porcupine in its own process, one command a line. */
final class PorcupineProcess implements AutoCloseable {
  /** One duration for each repetition. */
  record Answer(String verdict, long[] nanos) {}

  private final Process process;
  private final BufferedReader in;
  private final PrintStream out;

  PorcupineProcess(Path program, int threads) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(program.toString());
    builder.environment().put("GOMAXPROCS", String.valueOf(threads));
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    process = builder.start();
    in =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    out = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
  }

  /** Built beside our jar. */
  static Path program() {
    return target().resolve("porcupine");
  }

  private static Path target() {
    Path jar = Path.of(System.getProperty("java.class.path").split(java.io.File.pathSeparator)[0]);
    return jar.toAbsolutePath().getParent();
  }

  /** Builds the program from bench/porcupine; needs Go and its module proxy. */
  static void build() throws IOException, InterruptedException {
    go("build", "-o", program().toString(), ".");
  }

  /** Where Go keeps Porcupine's source, and the histories of its tests. */
  static Path module() throws IOException, InterruptedException {
    String module = "github.com/anishathalye/porcupine";
    return Path.of(go("list", "-m", "-f", "{{.Dir}}", module).strip());
  }

  private static String go(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("go"));
    command.addAll(List.of(arguments));
    ProcessBuilder go = new ProcessBuilder(command);
    go.directory(target().resolveSibling("porcupine").toFile());
    go.redirectError(ProcessBuilder.Redirect.INHERIT);
    try {
      java.lang.Process process = go.start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + " failed in " + go.directory());
      }
      return output;
    } catch (IOException e) {
      throw new IOException("Porcupine needs Go (1.24 or later) and its module proxy", e);
    }
  }

  void load(Path file) throws IOException {
    ask("load " + file, "loaded");
  }

  Answer run(int number, int times) throws IOException {
    String[] words = ask("run " + number + " " + times, "").split(" ");
    long[] nanos = new long[words.length - 1];
    for (int i = 0; i < nanos.length; i++) {
      nanos[i] = Long.parseLong(words[i + 1]);
    }
    return new Answer(words[0], nanos);
  }

  private String ask(String command, String expected) throws IOException {
    out.println(command);
    String answer = in.readLine();
    if (answer == null || !answer.startsWith(expected) || answer.startsWith("error")) {
      throw new IOException("Porcupine's answer to \"" + command + "\": " + answer);
    }
    return answer;
  }

  @Override
  public void close() throws IOException {
    out.close();
    in.close();
    process.destroy();
  }
}
