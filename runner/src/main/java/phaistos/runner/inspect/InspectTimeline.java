package phaistos.runner.inspect;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import phaistos.formats.DataDirectory;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.TimelineHistory;
import phaistos.formats.wal.WalFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code inspect timeline}: which timelines there are and where they branched. */
@Command(
    name = "timeline",
    description = "Prints the histories of the timelines: each ancestor, and where it was left.",
    mixinStandardHelpOptions = true)
final class InspectTimeline extends Inspection {
  @Parameters(
      paramLabel = "PATH",
      description = "A data directory, a folder of segments, or a history file.")
  private Path path = Path.of("");

  @Override
  boolean inspect(Output out) throws IOException {
    if (Files.isDirectory(existing(path))) {
      DataDirectory directory = new FolderDataDirectory(path);
      String folder = WalFiles.folderOf(directory);
      List<Integer> timelines = WalFiles.timelines(directory, folder);
      for (int timeline : timelines) {
        print(out, WalFiles.history(directory, folder, timeline));
      }
      if (timelines.isEmpty()) {
        say("%s: there are neither WAL segments nor history files".formatted(path));
      }
      return !timelines.isEmpty();
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
