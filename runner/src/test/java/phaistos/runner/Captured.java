package phaistos.runner;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;

/** What a command said and how it ended. Not for tests that run side by side: one System.out. */
record Captured(int exit, String out, String err) {
  static Captured run(Object... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StringWriter err = new StringWriter();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, StandardCharsets.ISO_8859_1));
    try {
      CommandLine line = Phaistos.commandLine();
      line.setErr(new PrintWriter(err, true));
      String[] words = new String[arguments.length];
      for (int i = 0; i < words.length; i++) {
        words[i] = arguments[i].toString();
      }
      int exit = line.execute(words);
      return new Captured(exit, out.toString(StandardCharsets.ISO_8859_1), err.toString());
    } finally {
      System.setOut(before);
    }
  }

  /** The same through the program's entry, which may replace arguments first. */
  static Captured main(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream outBefore = System.out;
    PrintStream errBefore = System.err;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    try {
      int exit = Phaistos.run(arguments);
      System.out.flush();
      return new Captured(
          exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(outBefore);
      System.setErr(errBefore);
    }
  }

  List<String> lines() {
    return out.lines().toList();
  }
}
