package phaistos.bench;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A JVM that stays warm: it runs the seeds that it reads from its input, one a line, and answers
 * each with the run's exit code and CPU seconds. The command line is reached by reflection, so that
 * the class path may be another revision's.
 */
public final class SeedsWorker {
  private SeedsWorker() {}

  /**
   * @param arguments of {@code phaistos run}, without the seed
   */
  public static void main(String[] arguments) throws Exception {
    Locale.setDefault(Locale.ROOT);
    PrintStream answers = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    System.setErr(System.out);
    BufferedReader seeds =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String seed = seeds.readLine(); seed != null; seed = seeds.readLine()) {
      List<String> command = new ArrayList<>(List.of("run"));
      command.addAll(List.of(arguments));
      command.addAll(List.of("--seed", seed));
      int[] exitCode = new int[1];
      TimedCommand time =
          TimedCommand.of(() -> exitCode[0] = execute(command.toArray(String[]::new)));
      answers.println(exitCode[0] + " " + time.cpuSeconds());
      answers.flush();
    }
    // tasks of a simulation may be left
    System.exit(0);
  }

  /** The command line's exit code, by the method that the class path's revision has. */
  private static int execute(String[] command) throws ReflectiveOperationException {
    Class<?> root = Class.forName("phaistos.runner.Phaistos");
    for (Method method : root.getDeclaredMethods()) {
      if (method.getName().equals("run")) {
        method.setAccessible(true);
        return (int) method.invoke(null, (Object) command);
      }
    }
    Method commandLine = root.getDeclaredMethod("commandLine");
    commandLine.setAccessible(true);
    Object line = commandLine.invoke(null);
    return (int)
        line.getClass().getMethod("execute", String[].class).invoke(line, (Object) command);
  }
}
