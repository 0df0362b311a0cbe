package phaistos.harness;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import phaistos.checker.durability.NodeImage;
import phaistos.formats.DataDirectory;
import phaistos.harness.run.CutShortException;
import phaistos.harness.run.NodePosition;
import phaistos.harness.run.Recording;
import phaistos.harness.run.ReplicationMessage;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.RunStore;

/** What a run's folder holds beside history and verdict, so that it can be judged again. */
final class RunFiles {
  /** Below {@code nodes/<node>/}: the data directory at the crash under load. */
  static final String CRASHED = "crash-image";

  /** Below {@code nodes/<node>/}: the data directory at the end of the run. */
  static final String REPLAYED = "replayed-image";

  static final String RECORDING = "recording.edn";
  static final String POSITIONS = "positions.edn";

  /** The messages of replication around the first loss; only if there is one. */
  static final String MESSAGES = "messages.edn";

  /** In the recording: the audit of the standbys' replies. */
  static final String REPLIES = "replies";

  /** In the recording: exceptions that tasks of the nodes ended with. */
  static final String TASK_FAILURES = "task-failures";

  private static final int CHUNK = 1 << 20;

  private RunFiles() {}

  /** Writes {@code recording.edn}, {@code positions.edn} and the nodes' logs. */
  static void write(Recording recording, RunStore store) {
    store.writeText(RECORDING, EdnWriter.print(describe(recording)) + "\n");
    StringBuilder lines = new StringBuilder();
    for (NodePosition position : recording.positions()) {
      lines.append(EdnWriter.print(position.toEdn())).append('\n');
    }
    store.writeText(POSITIONS, lines.toString());
    recording
        .logs()
        .forEach(
            (node, log) ->
                store.writeText("nodes/" + node + "/server.log", String.join("\n", log) + "\n"));
  }

  private static Edn describe(Recording recording) {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    table.put(Edn.keyword("primary"), Edn.of(recording.primary()));
    recording
        .loadBegan()
        .ifPresent(time -> table.put(Edn.keyword("load-began"), Edn.of(time.toString())));
    recording
        .problem()
        .ifPresent(
            problem -> {
              table.put(Edn.keyword("problem"), Edn.of(RunJudge.describe(problem)));
              table.put(
                  Edn.keyword("cut-short?"),
                  problem instanceof CutShortException ? Edn.TRUE : Edn.FALSE);
            });
    table.put(Edn.keyword(CRASHED), images(recording.crashImages()));
    table.put(Edn.keyword(REPLAYED), images(recording.replayedImages()));
    recording.replies().ifPresent(report -> table.put(Edn.keyword(REPLIES), report.toEdn()));
    List<Edn> failures = recording.taskFailures().stream().<Edn>map(Edn::of).toList();
    if (!failures.isEmpty()) {
      table.put(Edn.keyword(TASK_FAILURES), new Edn.Vector(failures));
    }
    return new Edn.Table(table);
  }

  private static Edn images(List<NodeImage> images) {
    List<Edn> described = new ArrayList<>();
    for (NodeImage image : images) {
      LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
      table.put(Edn.keyword("node"), Edn.of(image.name()));
      table.put(Edn.keyword("role"), Edn.of(image.role().name()));
      table.put(Edn.keyword("kind"), Edn.of(image.kind().name()));
      described.add(new Edn.Table(table));
    }
    return new Edn.Vector(described);
  }

  /** Writes {@code messages.edn}. */
  static void write(List<ReplicationMessage> messages, RunStore store) {
    StringBuilder lines = new StringBuilder();
    for (ReplicationMessage message : messages) {
      lines.append(EdnWriter.print(message.toEdn())).append('\n');
    }
    store.writeText(MESSAGES, lines.toString());
  }

  /** Ends the name of the folder with an image's tables and commit log as they were written. */
  static final String WRITTEN = "-written";

  private static final List<String> WRITTEN_PARTS = List.of("base", "pg_xact");

  /** Copies the images of all nodes into the run's folder. */
  static void keepImages(Recording recording, RunStore store) {
    recording.crashImages().forEach(image -> keep(image, CRASHED, store));
    recording.replayedImages().forEach(image -> keep(image, REPLAYED, store));
  }

  private static void keep(NodeImage image, String folder, RunStore store) {
    String to = "nodes/" + image.name() + "/" + folder;
    try {
      copy(image.files(), "", to, store);
      if (image.written().isPresent()) {
        for (String part : WRITTEN_PARTS) {
          store.makeFolder(to + WRITTEN + "/" + part);
          copy(image.written().get(), part, to + WRITTEN + "/" + part, store);
        }
      }
    } catch (IOException e) {
      store.log("not copied: " + folder + " of " + image.name() + ": " + e.getMessage());
    }
  }

  private static void copy(DataDirectory files, String directory, String to, RunStore store)
      throws IOException {
    for (String name : files.list(directory)) {
      String path = directory.isEmpty() ? name : directory + "/" + name;
      if (isDirectory(files, path)) {
        store.makeFolder(to + "/" + name);
        copy(files, path, to + "/" + name, store);
      } else {
        store.write(to + "/" + name, out -> copyFile(files, path, out));
      }
    }
  }

  private static boolean isDirectory(DataDirectory files, String path) throws IOException {
    try {
      files.list(path);
      return true;
    } catch (NoSuchFileException _) {
      return false;
    }
  }

  private static void copyFile(DataDirectory files, String path, OutputStream out)
      throws IOException {
    long size = files.size(path);
    for (long at = 0; at < size; at += CHUNK) {
      byte[] chunk = files.read(path, at, (int) Math.min(CHUNK, size - at));
      if (chunk.length == 0) {
        return;
      }
      out.write(chunk);
    }
  }
}
