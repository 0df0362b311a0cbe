package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.constant.ConstantDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.reflect.AccessFlag;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Whatever runs inside a simulation touches clock, threads, files, sockets and randomness through
 * the ports of {@code phaistos.environment} only, and has no monitors. Read from the bytecode,
 * method references included.
 */
class ForbiddenCallsTest {
  /** A class of each module that runs inside a simulation, to find the module by. */
  private static final List<String> MODULES =
      List.of(
          "phaistos/server/package-info.class",
          "phaistos/workloads/package-info.class",
          "phaistos/nemesis/package-info.class",
          "phaistos/cluster/simulated/package-info.class",
          "phaistos/harness/run/package-info.class",
          "phaistos/histories/generators/package-info.class");

  /**
   * Of those modules, what runs outside of the simulation: what drives container engines and
   * processes of this machine, the files of histories and of the store, which nobody in a run
   * reads, and what the harness does before a simulation begins.
   */
  private static final Pattern OUTSIDE =
      Pattern.compile(
          "phaistos/cluster/(containers|fuse|machine|postgres|processes|proxies)/.*"
              + "|phaistos/histories/(HistoryReader|HistoryWriter|RunStore|StoreFolder)(\\$\\w+)?\\..*"
              + "|phaistos/harness/guarantees/GuaranteesStore\\..*"
              + "|phaistos/harness/(campaign|explain)/.*|phaistos/harness/(StoredRun|Rerun)(\\$\\w+)?\\..*"
              + "|phaistos/harness/Harness\\.run|phaistos/harness/SimulatedDeployment\\.traced");

  private record Ban(Pattern call, String instead) {}

  private static Ban ban(String call, String instead) {
    return new Ban(Pattern.compile(call), instead);
  }

  /** Patterns over {@code owner.name(descriptor)}. */
  private static final List<Ban> BANS =
      List.of(
          ban("java/lang/System\\.(nanoTime|currentTimeMillis)\\(.*", "Clock"),
          ban("java/time/\\w+\\.now\\(.*", "Clock.wallClock"),
          ban("java/time/Clock\\.(system|tick)\\w*\\(.*", "Clock"),
          ban(
              "java/lang/Thread\\.(<init>|sleep|start|startVirtualThread|of\\w+|join|yield)\\(.*",
              "Tasks"),
          ban("java/util/Timer\\.<init>\\(.*", "Tasks"),
          ban("java/util/concurrent/(Executors|ForkJoinPool|ThreadPoolExecutor)\\..*", "Tasks"),
          ban("java/util/concurrent/CompletableFuture\\.(\\w+Async|orTimeout|get)\\(.*", "Tasks"),
          ban("java/util/concurrent/locks/LockSupport\\.park(Nanos|Until)\\(.*", "Latch.await"),
          ban(
              "java/util/concurrent/.*\\.(await|awaitNanos|poll|offer|tryLock|tryAcquire|get)\\([^)]*J.*",
              "Latch.await with a limit"),
          ban("java/lang/Object\\.(wait|notify|notifyAll)\\(.*", "Latch"),
          ban("java/lang/Math\\.random\\(.*", "Randomness"),
          ban("java/util/(Random|SplittableRandom)\\.<init>\\(\\)V", "Randomness"),
          ban("java/util/concurrent/ThreadLocalRandom\\..*", "Randomness"),
          ban("java/security/SecureRandom\\..*", "Randomness"),
          ban("java/util/UUID\\.randomUUID\\(.*", "Randomness"),
          ban("java/util/Collections\\.shuffle\\(Ljava/util/List;\\)V", "Randomness"),
          ban("java/nio/file/Files\\..*", "Disk"),
          ban("java/nio/channels/\\w*Channel\\.open\\(.*", "Disk or Network"),
          ban(
              "java/io/(RandomAccessFile|FileInputStream|FileOutputStream|FileReader|FileWriter)\\.<init>\\(.*",
              "Disk"),
          ban("java/io/File\\.(delete|exists|list|mkdir|rename|createTemp)\\w*\\(.*", "Disk"),
          ban("java/net/(Socket|ServerSocket|DatagramSocket)\\.<init>\\(.*", "Network"),
          ban("java/net/InetAddress\\.get(By|All|Local)\\w*\\(.*", "Network"),
          ban("java/util/(stream/\\w+\\.parallel|Collection\\.parallelStream)\\(.*", "Tasks"));

  private static List<String> violations(ClassModel type) {
    List<String> found = new ArrayList<>();
    for (MethodModel method : type.methods()) {
      String name = type.thisClass().asInternalName() + "." + method.methodName().stringValue();
      if (OUTSIDE.matcher(name).matches()) {
        continue;
      }
      String where = name + " ";
      if (method.flags().has(AccessFlag.SYNCHRONIZED)) {
        found.add(where + "is synchronized, use java.util.concurrent.locks");
      }
      method
          .code()
          .ifPresent(
              code -> {
                for (CodeElement element : code) {
                  check(element).forEach(problem -> found.add(where + problem));
                }
              });
    }
    return found;
  }

  private static List<String> check(CodeElement element) {
    return switch (element) {
      case MonitorInstruction monitor when monitor.opcode() == Opcode.MONITORENTER ->
          List.of("has a synchronized block");
      case InvokeInstruction call ->
          banned(
              call.owner().asInternalName()
                  + "."
                  + call.name().stringValue()
                  + call.type().stringValue());
      case InvokeDynamicInstruction dynamic -> {
        List<String> found = new ArrayList<>();
        for (ConstantDesc argument : dynamic.bootstrapArgs()) {
          if (argument instanceof DirectMethodHandleDesc handle) {
            String owner = handle.owner().descriptorString();
            found.addAll(
                banned(
                    owner.substring(1, owner.length() - 1)
                        + "."
                        + handle.methodName()
                        + handle.lookupDescriptor()));
          }
        }
        yield found;
      }
      default -> List.of();
    };
  }

  private static List<String> banned(String call) {
    return BANS.stream()
        .filter(ban -> ban.call.matcher(call).matches())
        .map(ban -> "calls " + call + ", use " + ban.instead)
        .toList();
  }

  private static List<ClassModel> classesOf(String marker) throws Exception {
    URI uri = ForbiddenCallsTest.class.getClassLoader().getResource(marker).toURI();
    if (!uri.getScheme().equals("jar")) {
      Path root = Path.of(uri);
      for (int i = 0; i < Path.of(marker).getNameCount(); i++) {
        root = root.getParent();
      }
      return read(root);
    }
    try (FileSystem jar = FileSystems.newFileSystem(uri, java.util.Map.of())) {
      return read(jar.getPath("/"));
    }
  }

  private static List<ClassModel> read(Path root) throws IOException {
    List<ClassModel> classes = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (file.toString().endsWith(".class")) {
          classes.add(ClassFile.of().parse(Files.readAllBytes(file)));
        }
      }
    }
    return classes;
  }

  @Test
  void codeThatRunsInASimulationTouchesTheWorldThroughThePortsOnly() throws Exception {
    TreeSet<String> found = new TreeSet<>();
    for (String marker : MODULES) {
      List<ClassModel> classes = classesOf(marker);
      assertTrue(classes.size() > 1, "no classes beside " + marker);
      for (ClassModel type : classes) {
        found.addAll(violations(type));
      }
    }
    assertEquals("", String.join("\n", found));
  }

  @Test
  void everyPlantedViolationIsSeen() throws IOException {
    String name = PlantedViolations.class.getName().replace('.', '/') + ".class";
    try (InputStream in = getClass().getClassLoader().getResourceAsStream(name)) {
      ClassModel planted = ClassFile.of().parse(in.readAllBytes());
      List<String> found = violations(planted);
      for (MethodModel method : planted.methods()) {
        String expected = method.methodName().stringValue();
        if (!expected.equals("<init>") && !expected.startsWith("lambda$")) {
          assertEquals(
              1,
              found.stream().filter(line -> line.contains("." + expected + " ")).count(),
              expected);
        }
      }
    }
  }

  /** One violation a method. */
  @SuppressWarnings("unused")
  private static final class PlantedViolations {
    synchronized void synchronizedMethod() {}

    void synchronizedBlock(Object monitor) {
      synchronized (monitor) {
        monitor.hashCode();
      }
    }

    long clock() {
      return System.nanoTime();
    }

    java.util.function.Supplier<java.time.Instant> methodReference() {
      return java.time.Instant::now;
    }

    void thread() throws InterruptedException {
      Thread.sleep(1);
    }

    boolean timedWait(java.util.concurrent.CountDownLatch latch) throws InterruptedException {
      return latch.await(1, java.util.concurrent.TimeUnit.SECONDS);
    }

    java.util.Random random() {
      return new java.util.Random();
    }

    boolean file() {
      return Files.exists(Path.of("x"));
    }

    java.net.Socket socket() {
      return new java.net.Socket();
    }
  }
}
