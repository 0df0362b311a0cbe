package phaistos.workloads;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Where a workload's reads go. */
public enum ReadFrom {
  /**
   * To the primary. Such a read also writes a row, so that its answer waits for the standbys as the
   * answer to a write does: what it saw is then replicated too.
   */
  PRIMARY("primary"),
  /** To the standbys in turn. */
  STANDBY("standby"),
  /** To all nodes in turn, without a write. */
  ANY("any");

  private final String word;

  ReadFrom(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }

  public static List<String> words() {
    return Arrays.stream(values()).map(ReadFrom::word).toList();
  }

  public static Optional<ReadFrom> named(String word) {
    return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
  }
}
