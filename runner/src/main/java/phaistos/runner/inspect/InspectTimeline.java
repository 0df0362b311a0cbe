package phaistos.runner.inspect;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import phaistos.formats.ControlFile;
import phaistos.formats.DataDirectory;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.TimelineHistory;
import phaistos.formats.redo.TimelineHole;
import phaistos.formats.wal.UnpackedSegments;
import phaistos.formats.wal.WalFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code inspect timeline}: the timelines of a directory and where they branch. */
@Command(
    name = "timeline",
    description = {
      "Prints the histories of the timelines: each ancestor, and where it was left.",
      "Of a data directory also what recovery would read, and whether a promotion is safe.",
      "Exit: 0, or 1 where WAL that is there would not be chosen, or was not."
    },
    mixinStandardHelpOptions = true)
final class InspectTimeline extends Inspection {
  @Parameters(
      paramLabel = "PATH",
      description = "A data directory, a folder of segments, or a history file.")
  private Path path = Path.of("");

  @Override
  boolean inspect(Output out) throws IOException {
    if (Files.isDirectory(existing(path))) {
      DataDirectory directory = new UnpackedSegments(new FolderDataDirectory(path));
      String folder = WalFiles.folderOf(directory);
      List<Integer> timelines = WalFiles.timelines(directory, folder);
      boolean isData = !folder.isEmpty() && hasControlFile(directory);
      boolean isWell = !timelines.isEmpty() && (!isData || promotion(out, directory));
      for (int timeline : timelines) {
        print(out, WalFiles.history(directory, folder, timeline));
      }
      if (timelines.isEmpty()) {
        say("%s: there are neither WAL segments nor history files".formatted(path));
      }
      return isWell;
    }
    String name = path.getFileName().toString();
    if (!name.matches("[0-9A-F]{8}\\.history")) {
      throw wrong(name + " is no history file's name (such as 00000002.history)");
    }
    int timeline = Integer.parseUnsignedInt(name, 0, 8, 16);
    print(
        out,
        TimelineHistory.parse(
            timeline, new String(Files.readAllBytes(path), StandardCharsets.UTF_8)));
    return true;
  }

  private static boolean hasControlFile(DataDirectory directory) throws IOException {
    try {
      directory.size(ControlFile.PATH);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** The WAL of the line that recovery would read, and any WAL that it would leave out. */
  private boolean promotion(Output out, DataDirectory directory) throws IOException {
    TimelineHistory line = TimelineHole.line(directory, ControlFile.read(directory));
    List<TimelineHistory.Entry> backward = TimelineHole.backward(line);
    Optional<TimelineHole> hole = TimelineHole.of(directory);
    if (json) {
      printJson(out, line, backward, hole);
    }
    for (TimelineHistory.Entry entry : backward) {
      say(
          "timeline %s was left at %s, before it began: the node was promoted without WAL that it had"
              .formatted(Integer.toUnsignedString(entry.timeline()), entry.end()));
    }
    if (hole.isPresent()) {
      TimelineHole found = hole.get();
      say(
          "not safe to promote: recovery would read %s, which ends at %s, before timeline %s begins"
                  .formatted(
                      found.chosen(), found.chosenEnd(), Integer.toUnsignedString(line.timeline()))
              + " at %s; %s goes on to %s and would not be chosen"
                  .formatted(found.fork(), found.other(), found.otherEnd()));
      say(found.advice());
    } else if (!json && backward.isEmpty()) {
      say(
          "safe to promote: recovery leaves out no WAL that is here (timeline %s)"
              .formatted(Integer.toUnsignedString(line.timeline())));
    }
    return hole.isEmpty() && backward.isEmpty();
  }

  private void printJson(
      Output out,
      TimelineHistory line,
      List<TimelineHistory.Entry> backward,
      Optional<TimelineHole> hole)
      throws IOException {
    Json item = new Json(out.text());
    item.put("follows", line.timeline() & 0xFFFF_FFFFL);
    item.put("forks-backwards", !backward.isEmpty());
    item.put("safe-to-promote", hole.isEmpty());
    if (hole.isPresent()) {
      item.put("chosen", hole.get().chosen()).put("chosen-end", hole.get().chosenEnd().toString());
      item.put("other", hole.get().other()).put("other-end", hole.get().otherEnd().toString());
      item.put("fork", hole.get().fork().toString());
    }
    item.end();
    out.lineDone();
  }

  private void print(Output out, TimelineHistory history) throws IOException {
    String number = Integer.toUnsignedString(history.timeline());
    if (json) {
      Json line = new Json(out.text());
      line.put("timeline", history.timeline() & 0xFFFF_FFFFL);
      line.name("ancestors").append('[');
      String separator = "";
      for (TimelineHistory.Entry entry : history.ancestors()) {
        Json item = new Json(out.text().append(separator));
        item.put("timeline", entry.timeline() & 0xFFFF_FFFFL).put("end", entry.end().toString());
        item.put("reason", entry.reason()).end();
        separator = ",";
      }
      out.text().append(']');
      line.end();
      out.lineDone();
      return;
    }
    out.line("timeline " + number + (history.ancestors().isEmpty() ? ": no ancestors" : ""));
    for (TimelineHistory.Entry entry : history.ancestors()) {
      out.line(
          "  timeline %s until %s: %s"
              .formatted(Integer.toUnsignedString(entry.timeline()), entry.end(), entry.reason()));
    }
  }
}
