import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs google-java-format over every Java source of the project, on this JVM (it needs javac's
 * parser of the version that the sources are written in). {@code check} names the files that differ
 * and exits 1; {@code write} formats them.
 */
public class Format {
  public static void main(String[] arguments) throws IOException, InterruptedException {
    boolean write = arguments.length == 1 && arguments[0].equals("write");
    Path root = Path.of("").toAbsolutePath();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String part : List.of("api", "code", "file", "parser", "tree", "util")) {
      command.add("--add-exports=jdk.compiler/com.sun.tools.javac." + part + "=ALL-UNNAMED");
    }
    command.add("-XX:TieredStopAtLevel=1");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-jar");
    command.add(root.resolve("target/google-java-format.jar").toString());
    command.addAll(write ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    Path list = Files.createTempFile("sources", ".txt");
    try (var files = Files.walk(root)) {
      Files.write(
          list,
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> !root.relativize(file).toString().contains("target/"))
              .map(Path::toString)
              .sorted()
              .toList());
    }
    command.add("@" + list);
    int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
    Files.delete(list);
    if (exit != 0 && !write) {
      System.err.println("The files named above are not formatted: ./phaistos format");
    }
    System.exit(exit);
  }
}
