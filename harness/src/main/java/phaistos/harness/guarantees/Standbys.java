package phaistos.harness.guarantees;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** For which standbys a commit waits: {@code synchronous_standby_names}. */
public enum Standbys {
  /** Two standbys, and no commit waits for them. */
  NONE("none", 3, ""),
  /** One standby, for which every commit waits. */
  ONE("one", 2, "FIRST 1"),
  ANY_1_OF_2("any-1", 3, "ANY 1"),
  FIRST_1_OF_2("first-1", 3, "FIRST 1"),
  ANY_2_OF_2("any-2", 3, "ANY 2");

  private final String word;
  private final int nodes;
  private final String method;

  Standbys(String word, int nodes, String method) {
    this.word = word;
    this.nodes = nodes;
    this.method = method;
  }

  /** Its name on the command line. */
  public String word() {
    return word;
  }

  static Optional<Standbys> named(String word) {
    return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
  }

  /** "ANY 1 of 2". */
  public String title() {
    return switch (this) {
      case NONE -> "no synchronous standby";
      case ONE -> "one standby";
      case ANY_1_OF_2, FIRST_1_OF_2, ANY_2_OF_2 -> method + " of 2";
    };
  }

  int nodes() {
    return nodes;
  }

  /**
   * The setting of every node. It lists all nodes, since each of them may become primary; a node is
   * never a standby of its own.
   */
  String names() {
    if (method.isEmpty()) {
      return "";
    }
    List<String> all = new ArrayList<>();
    for (int i = 1; i <= nodes; i++) {
      all.add("n" + i);
    }
    return method + " (" + String.join(", ", all) + ")";
  }

  /** How many standbys have a commit when it is acknowledged. */
  int required() {
    return switch (this) {
      case NONE -> 0;
      case ONE, ANY_1_OF_2, FIRST_1_OF_2 -> 1;
      case ANY_2_OF_2 -> 2;
    };
  }
}
