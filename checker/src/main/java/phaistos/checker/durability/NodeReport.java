package phaistos.checker.durability;

import java.util.List;
import phaistos.formats.Lsn;

/**
 * What was read from one node.
 *
 * @param unreadable why it could not be read; empty if it could
 * @param directory where the files are
 * @param timeline its current timeline
 * @param history the timeline's ancestors, such as "1 until 0/A01230"
 * @param walStart where the readable WAL begins
 * @param walEnd where the valid WAL ends
 * @param endReason why it ends there
 * @param redo where redo began
 * @param records how many were read
 * @param walBytes how many bytes they span
 * @param notes further remarks for the reader
 * @param situation circumstances that change what this node owes
 */
public record NodeReport(
    String name,
    NodeImage.Role role,
    ImageKind kind,
    String directory,
    String unreadable,
    int timeline,
    String history,
    Lsn walStart,
    Lsn walEnd,
    String endReason,
    Lsn redo,
    long records,
    long walBytes,
    List<String> notes,
    Situation situation) {
  /** A node without a special situation. */
  NodeReport(
      String name,
      NodeImage.Role role,
      ImageKind kind,
      String directory,
      String unreadable,
      int timeline,
      String history,
      Lsn walStart,
      Lsn walEnd,
      String endReason,
      Lsn redo,
      long records,
      long walBytes,
      List<String> notes) {
    this(
        name,
        role,
        kind,
        directory,
        unreadable,
        timeline,
        history,
        walStart,
        walEnd,
        endReason,
        redo,
        records,
        walBytes,
        notes,
        Situation.NONE);
  }

  boolean isReadable() {
    return unreadable.isEmpty();
  }
}
