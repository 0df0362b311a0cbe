package phaistos.runner.inspect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import phaistos.formats.ControlFile;
import phaistos.formats.ControlText;
import phaistos.formats.DataDirectory;
import phaistos.formats.FolderDataDirectory;
import phaistos.formats.FormatException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code inspect control}: the control file as pg_controldata prints it. */
@Command(
    name = "control",
    description =
        "Prints the control file as the version's own pg_controldata does (C locale, UTC).",
    mixinStandardHelpOptions = true)
final class InspectControl extends Inspection {
  @Parameters(paramLabel = "PATH", description = "A data directory, or the file itself.")
  private Path path = Path.of("");

  @Override
  boolean inspect(Output out) throws IOException {
    boolean isFolder = Files.isDirectory(existing(path));
    DataDirectory folder = isFolder ? new FolderDataDirectory(path) : folderOf(path);
    byte[] bytes =
        folder.read(
            isFolder ? ControlFile.PATH : path.getFileName().toString(), 0, ControlFile.FILE_BYTES);
    try {
      print(isFolder ? ControlFile.read(folder) : ControlFile.decode(bytes), out);
      return true;
    } catch (FormatException e) {
      say(isFolder ? e.getMessage() : path + ": " + e.getMessage());
    }
    try {
      ControlFile file = ControlFile.decodeUnchecked(bytes);
      say("what follows is what stands there, and cannot be trusted");
      print(file, out);
    } catch (FormatException _) {
      // The file gives nothing beyond the damage.
    }
    return false;
  }

  private void print(ControlFile file, Output out) throws IOException {
    if (json) {
      Json line = new Json(out.text());
      ControlText.fields(file).forEach(line::put);
      line.end();
      out.lineDone();
    } else {
      out.text().append(ControlText.format(file));
    }
  }
}
