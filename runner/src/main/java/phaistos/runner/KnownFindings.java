package phaistos.runner;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import phaistos.runner.options.GivenPath;
import phaistos.runner.options.UsageException;

/** A file of known findings: an id a line; what follows it, and after #, is for people. */
final class KnownFindings {
  private KnownFindings() {}

  static List<String> read(Path file) {
    List<String> ids = new ArrayList<>();
    List<String> lines = GivenPath.lines(file);
    for (int i = 0; i < lines.size(); i++) {
      String id = lines.get(i).replaceFirst("#.*", "").strip().split("\\s+")[0];
      if (!id.isEmpty() && !id.matches("F[0-9a-f]{8}")) {
        throw new UsageException(
            "%s, line %d: no id of a finding: '%s' (expected F and eight digits, as in F0a1b2c3d)"
                .formatted(file, i + 1, id));
      }
      if (!id.isEmpty()) {
        ids.add(id);
      }
    }
    return ids;
  }
}
