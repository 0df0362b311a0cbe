package phaistos.runner;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import phaistos.cluster.machine.MachineFiles;
import phaistos.harness.isolation.IsolationMatrix.Cell;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.HistoryReader;
import phaistos.histories.HistoryWriter;
import phaistos.histories.UntypedCall;
import phaistos.runner.options.ExitCode;
import phaistos.workloads.Isolation;
import phaistos.workloads.ReadFrom;

/**
 * Checks the registers of a run of several workloads once more, with the order of versions from the
 * WAL of its nodes as {@code check --wal} takes it. The images of the nodes are removed afterwards,
 * unless something is wrong.
 */
final class RegistersByWal {
  private static final String FUNCTION = "rw-register/txn";

  private RegistersByWal() {}

  /**
   * @param run the folder of a run that kept the images of its nodes
   */
  static Cell judge(Path run, Isolation level, ReadFrom place) {
    try {
      Path history = run.resolve("rw-register.edn");
      List<Event<UntypedCall>> own = new ArrayList<>();
      for (Event<UntypedCall> event : HistoryReader.read(run.resolve("history.edn")).events()) {
        if (event.isClient() && event.call().name().equals(FUNCTION)) {
          own.add(event.withCall(new UntypedCall(Edn.keyword("txn"), event.call().value())));
        }
      }
      HistoryWriter.write(history, History.of(own));
      String model = model(level, place);
      List<String> words =
          new ArrayList<>(
              List.of("check", "--checker", "rw-register", "--consistency-model", model));
      List<Path> images = images(run);
      for (Path image : images) {
        words.addAll(List.of("--wal", image.toString()));
      }
      words.add(history.toString());
      int exitCode = Phaistos.run(words.toArray(String[]::new));
      if (exitCode == 0) {
        for (Path image : images) {
          MachineFiles.delete(image);
        }
      }
      String command = "./phaistos " + String.join(" ", words);
      return new Cell(
          "rw-register, by the WAL",
          level,
          place,
          "the transactions are " + model,
          verdict(exitCode),
          exitCode == 0 ? "" : command);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot judge " + run, e);
    }
  }

  private static String verdict(int exitCode) {
    return switch (exitCode) {
      case 0 -> "valid";
      case 1 -> "invalid";
      case ExitCode.BAD_ARGUMENTS -> throw new IllegalStateException("check refuses its own run");
      default -> "unknown";
    };
  }

  private static String model(Isolation level, ReadFrom place) {
    boolean onPrimary = place == ReadFrom.PRIMARY;
    return switch (level) {
      case READ_COMMITTED -> onPrimary ? "monotonic-atomic-view" : "read-committed";
      case REPEATABLE_READ ->
          onPrimary ? "strong-snapshot-isolation" : "parallel-snapshot-isolation";
      case SERIALIZABLE -> "serializable";
    };
  }

  /** The data directories at the crash under load. */
  private static List<Path> images(Path run) throws IOException {
    try (var nodes = Files.list(run.resolve("nodes"))) {
      return nodes
          .map(node -> node.resolve("crash-image"))
          .filter(Files::isDirectory)
          .sorted()
          .toList();
    }
  }
}
