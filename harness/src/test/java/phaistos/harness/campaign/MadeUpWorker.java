package phaistos.harness.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import phaistos.harness.Violation;
import phaistos.histories.EdnWriter;

/**
 * A worker that makes its results up, by the seed's remainder by 10: 0 does not end, 3 is invalid,
 * 5 has no memory left, 6 ends the process, 7 is unknown, 8 is killed the first time; a canary is
 * always found, another defect never. It leaves a folder, as a run does.
 */
final class MadeUpWorker {
  private MadeUpWorker() {}

  public static void main(String[] arguments) throws InterruptedException {
    Worker.serve(System.in, System.out, MadeUpWorker::answer);
  }

  private static String answer(String[] job) {
    if (!job[3].isEmpty()) {
      var found =
          new Explainer.Explanation(
              Optional.of("a-step"), Optional.empty(), false, "kill", true, List.of());
      return WorkerProcess.RESULT + EdnWriter.print(Entry.toEdn(found));
    }
    Path folder = Path.of(job[0], "made-up", "20260701T000000.000Z");
    if (Long.parseLong(job[1]) % 10 == 8) {
      isKilledOnce(Path.of(job[0]).resolve("../../killed-" + job[1]).normalize());
    }
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("test.edn"), "{}");
    } catch (IOException e) {
      return WorkerProcess.STORE + e.getMessage();
    }
    int what = (int) (Long.parseLong(job[1]) % 10);
    if (job[2].contains("--defect")) {
      what = job[2].contains("canary") ? 3 : 1;
    }
    if (what == 0) {
      LockSupport.park();
    } else if (what == 5) {
      System.err.println("java.lang.OutOfMemoryError: Java heap space");
      System.exit(3);
    } else if (what == 6) {
      System.exit(134);
    }
    System.out.println("a line of somebody who prints");
    return WorkerProcess.RESULT + EdnWriter.print(result(what, folder).toEdn());
  }

  /** As if somebody killed the process, who does not do it again. */
  private static void isKilledOnce(Path mark) {
    try {
      Files.createFile(mark);
      new ProcessBuilder("kill", "-KILL", "" + ProcessHandle.current().pid()).start();
      LockSupport.park();
    } catch (FileAlreadyExistsException _) {
      // It was.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RunResult result(int what, Path folder) {
    RunResult.Ending ending =
        switch (what) {
          case 3 -> RunResult.Ending.INVALID;
          case 7 -> RunResult.Ending.UNKNOWN;
          default -> RunResult.Ending.VALID;
        };
    List<Violation> violations = what == 3 ? List.of(new Violation("audit", "lost")) : List.of();
    return new RunResult(
        ending,
        ending.name() + "  made up",
        "commits",
        violations,
        Map.of("a goal", 1),
        Map.of("kill", 1),
        1_000_000_000L,
        10,
        Optional.empty(),
        Optional.empty(),
        Optional.of(folder.toString()));
  }
}
