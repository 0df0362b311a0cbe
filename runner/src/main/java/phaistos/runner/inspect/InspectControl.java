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
    ControlFile file = read();
    if (json) {
      Json line = new Json(out.text());
      ControlText.fields(file).forEach(line::put);
      line.end();
      out.lineDone();
    } else {
      out.text().append(ControlText.format(file));
    }
    return true;
  }

  private ControlFile read() throws IOException {
    if (Files.isDirectory(existing(path))) {
      return ControlFile.read(new FolderDataDirectory(path));
    }
    DataDirectory folder = folderOf(path);
    try {
      return ControlFile.decode(
          folder.read(path.getFileName().toString(), 0, ControlFile.FILE_BYTES));
    } catch (FormatException e) {
      throw new FormatException(path + ": " + e.getMessage());
    }
  }
}
