package phaistos.checker.durability;

import phaistos.formats.DataDirectory;

/**
 * The files of one node.
 *
 * @param name as in synchronous_standby_names and in the history's {@code :node}
 * @param role what it was when the image was taken
 */
public record NodeImage(String name, Role role, ImageKind kind, DataDirectory files) {
  /** What a node was when its image was taken. */
  public enum Role {
    PRIMARY,
    STANDBY
  }
}
