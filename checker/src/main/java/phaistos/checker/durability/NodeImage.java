package phaistos.checker.durability;

import java.util.Optional;
import phaistos.formats.DataDirectory;

/**
 * The files of one node.
 *
 * @param name as in synchronous_standby_names and in the history's {@code :node}
 * @param role what it was when the image was taken
 * @param written the same files at the same moment with every write, where {@code files} lacks some
 *     that were not synced: of what the page cache held a power cut may leave any page. Empty if
 *     there is no such copy
 */
public record NodeImage(
    String name, Role role, ImageKind kind, DataDirectory files, Optional<DataDirectory> written) {
  public NodeImage(String name, Role role, ImageKind kind, DataDirectory files) {
    this(name, role, kind, files, Optional.empty());
  }

  public NodeImage withWritten(DataDirectory all) {
    return new NodeImage(name, role, kind, files, Optional.of(all));
  }

  /** What a node was when its image was taken. */
  public enum Role {
    PRIMARY,
    STANDBY
  }
}
