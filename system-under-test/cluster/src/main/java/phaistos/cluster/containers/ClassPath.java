package phaistos.cluster.containers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import phaistos.cluster.machine.MachineFiles;

/**
 * The class path of this JVM, copied for the nodes: a build in the meantime must not change the
 * code of a node that starts again.
 */
final class ClassPath {
  private ClassPath() {}

  /**
   * Copies every jar and folder of the class path.
   *
   * @param mounted where the nodes see {@code folder}
   * @return the nodes' class path
   */
  static String copy(Path folder, String mounted) throws IOException {
    Files.createDirectories(folder);
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path source = Path.of(entry);
      if (!Files.exists(source)) {
        continue;
      }
      String name = "%03d-%s".formatted(entries.size(), source.getFileName());
      if (Files.isDirectory(source)) {
        MachineFiles.copy(source, folder.resolve(name), List.of());
      } else {
        Files.copy(source, folder.resolve(name));
      }
      entries.add(mounted + "/" + name);
    }
    return String.join(":", entries);
  }
}
