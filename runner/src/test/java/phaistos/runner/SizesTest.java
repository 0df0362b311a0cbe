package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** No source file of the product is longer than 450 lines, and no method longer than 70. */
class SizesTest {
  private static final int FILE_LINES_MAX = 450;
  private static final int METHOD_LINES_MAX = 70;
  private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

  @Test
  void filesAndMethodsAreShort() throws IOException {
    Path root = Path.of("..").toAbsolutePath().normalize();
    List<Path> sources;
    try (Stream<Path> files = Files.walk(root)) {
      sources =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> root.relativize(file).toString().contains("src/main/java"))
              .sorted()
              .toList();
    }
    assertTrue(sources.size() > 300, "sources found: " + sources.size());
    List<JavaFileObject> units = new ArrayList<>();
    List<String> found = new ArrayList<>();
    for (Path source : sources) {
      String text = Files.readString(source);
      long lines = text.lines().count();
      if (lines > FILE_LINES_MAX) {
        found.add(root.relativize(source) + ": " + lines + " lines");
      }
      units.add(unit(root.relativize(source).toString(), text));
    }
    found.addAll(longMethods(units));
    assertEquals("", String.join("\n", found));
  }

  @Test
  void aLongMethodIsSeen() throws IOException {
    String body = "    int x = 0;\n".repeat(METHOD_LINES_MAX - 1);
    String allowed = "class A {\n  void a() {\n" + "    int x = 0;\n".repeat(68) + "  }\n}\n";
    String tooLong = "class B {\n  void b() {\n" + body + "  }\n}\n";
    assertEquals(List.of(), longMethods(List.of(unit("A.java", allowed))));
    assertEquals(
        List.of("B.java:2: b has 71 lines"), longMethods(List.of(unit("B.java", tooLong))));
  }

  private static List<String> longMethods(List<JavaFileObject> units) throws IOException {
    JavacTask task =
        (JavacTask) COMPILER.getTask(null, null, _ -> {}, List.of("-proc:none"), null, units);
    SourcePositions positions = Trees.instance(task).getSourcePositions();
    List<String> found = new ArrayList<>();
    for (CompilationUnitTree unit : task.parse()) {
      LineMap lines = unit.getLineMap();
      new TreeScanner<Void, Void>() {
        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
          long start = positions.getStartPosition(unit, method);
          if (method.getBody() != null && start >= 0) {
            long first = lines.getLineNumber(start);
            long last = lines.getLineNumber(positions.getEndPosition(unit, method));
            if (last - first + 1 > METHOD_LINES_MAX) {
              found.add(
                  "%s:%d: %s has %d lines"
                      .formatted(
                          unit.getSourceFile().getName(),
                          first,
                          method.getName(),
                          last - first + 1));
            }
          }
          return super.visitMethod(method, nothing);
        }
      }.scan(unit, null);
    }
    return found;
  }

  private static JavaFileObject unit(String name, String text) {
    return new SimpleJavaFileObject(URI.create("string:///" + name), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return text;
      }

      @Override
      public String getName() {
        return name;
      }
    };
  }
}
